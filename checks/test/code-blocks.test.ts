import { afterAll, describe, expect, test } from 'vitest'
import { findCodeBlocks } from '../docs/code-blocks.ts'
import { ExampleFolder } from '../docs/example-folder.ts'
import { repository } from '../run-tool.ts'
import { fixture } from './fixture.ts'

const ours = findCodeBlocks(repository)
const folder = new ExampleFolder()
afterAll(() => folder[Symbol.dispose]())

describe('the examples of the documents', () => {
  test('are all marked as such', () => {
    expect(ours.problems).toEqual([])
  })

  test('are well-typed', async () => {
    expect(await folder.typeCheck(ours.blocks)).toEqual([])
  })

  const documents = Map.groupBy(ours.blocks, ({ place }) => place.slice(0, place.lastIndexOf(':')))
  for (const [document, blocks] of documents) {
    test(`run: ${document}`, async () => {
      expect(await folder.run(blocks)).toEqual([])
    })
  }
})

describe('finding and running examples', () => {
  test('finds the ts blocks of every document, but those marked no-run, and runs them', async () => {
    const { blocks, problems } = findCodeBlocks(fixture('docs/clean'))
    expect(blocks.map((block) => block.place)).toEqual(['README.md:3', 'packages/kernel/README.md:3'])
    expect(problems).toEqual([])
    expect(await folder.typeCheck(blocks)).toEqual([])
    expect(await folder.run(blocks)).toEqual([])
  })

  test('tells of program text that would not run, and of a README without an example', () => {
    expect(findCodeBlocks(fixture('docs/broken')).problems).toEqual([
      'README.md:3 is marked js; mark it ts, so that it runs',
      'README.md has no ts block that runs',
    ])
  })

  test('fails on a type error, and on an example that throws', async () => {
    const { blocks } = findCodeBlocks(fixture('docs/broken'))
    expect(await folder.typeCheck(blocks)).toEqual([expect.stringMatching(/docs-guide-md-3\.ts.*TS2322/)])
    const [mistyped, throwing] = blocks
    if (mistyped === undefined || throwing === undefined) throw new Error('the fixture has two blocks')
    expect(await folder.run([mistyped, throwing])).toEqual([expect.stringContaining('the example broke')])
    expect(await folder.run([mistyped])).toEqual([])
  })
})
