import fc from 'fast-check'

const segment = fc.constantFrom(
  'a',
  'b',
  'ab',
  'a.x',
  'b.y',
  '*',
  '**',
  '*.x',
  'a*',
  '*b',
  '?',
  'a?',
  '[ab]',
  '[!a]',
  '[a-b].?',
)

const pattern = fc
  .record({
    negated: fc.boolean(),
    rooted: fc.boolean(),
    segments: fc.array(segment, { minLength: 1, maxLength: 3 }),
    folder: fc.boolean(),
  })
  .map(({ negated, rooted, segments, folder }) => {
    return (negated ? '!' : '') + (rooted ? '/' : '') + segments.join('/') + (folder ? '/' : '')
  })

/** The contents of a `.gitignore`. */
export const gitignoreText = fc
  .array(
    fc.oneof({ arbitrary: pattern, weight: 9 }, { arbitrary: fc.constantFrom('', '# note', 'a ', '\\a'), weight: 1 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((lines) => `${lines.join('\n')}\n`)
