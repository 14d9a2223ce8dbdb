import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileDeadLetters } from '../../src/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-letters-'))
})
afterEach(() => rm(folder, { recursive: true }))

const letter = (n: number) => ({
  intent: { type: 'move', payload: { n } },
  code: 'WRITE_FAILED',
  reason: `reason ${n}`,
  attempts: n,
  failedAt: 1000 + n,
})
const reasons = async (letters: ReturnType<typeof createFileDeadLetters>, limit = 100) =>
  (await letters.list(limit)).map(({ reason }) => reason)

describe('dead letters in a file', () => {
  it('are listed the oldest first, and removed by their ids', async () => {
    const file = join(folder, 'of', 'its', 'own', 'letters.jsonl')
    const letters = createFileDeadLetters({ file })
    expect(await letters.list(10)).toEqual([])
    await letters.add([letter(1), letter(2)])
    await letters.add([letter(3)])
    expect(await reasons(letters, 2)).toEqual(['reason 1', 'reason 2'])
    const [, second] = await letters.list(10)
    expect(second).toEqual({ id: expect.any(String), ...letter(2) })
    await letters.remove([second!.id, 'of nobody'])
    expect(await reasons(createFileDeadLetters({ file }))).toEqual(['reason 1', 'reason 3'])
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(3)
  })

  it('are none lost where many are added and removed at once', async () => {
    const letters = createFileDeadLetters({ file: join(folder, 'letters.jsonl') })
    await letters.add([letter(0)])
    const [first] = await letters.list(1)
    await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => letters.add([letter(n + 1)])),
      letters.remove([first!.id]),
    ])
    expect(await reasons(letters)).toEqual(Array.from({ length: 20 }, (_, n) => `reason ${n + 1}`))
  })

  it('outlive a line that a crash has torn', async () => {
    const file = join(folder, 'letters.jsonl')
    const letters = createFileDeadLetters({ file })
    await letters.add([letter(1)])
    await appendFile(file, '{"id":"torn","inte')
    await letters.add([letter(2)])
    expect(await reasons(letters)).toEqual(['reason 1', 'reason 2'])
  })

  it('keep what JSON has no form for', async () => {
    const letters = createFileDeadLetters({ file: join(folder, 'letters.jsonl') })
    await letters.add([{ ...letter(1), intent: { type: 'move', payload: { big: 2n ** 60n } } }])
    expect((await letters.list(1))[0]!.intent.payload).toEqual({ big: String(2n ** 60n) })
  })

  it('say what is wrong with the file', async () => {
    const folderInstead = createFileDeadLetters({ file: folder })
    await expect(folderInstead.add([letter(1)])).rejects.toMatchObject({ code: 'DEAD_LETTERS_UNUSABLE' })
    await writeFile(join(folder, 'a-file'), '')
    const below = createFileDeadLetters({ file: join(folder, 'a-file', 'letters.jsonl') })
    await expect(below.list(1)).rejects.toMatchObject({
      code: 'DEAD_LETTERS_UNUSABLE',
      detail: { file: expect.any(String) },
    })
    expect(() => createFileDeadLetters({ file: '' })).toThrow(/file must be a path/)
  })
})
