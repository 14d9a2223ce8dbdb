import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Folder, jsonLines, printed, runMillrace, startMillrace } from '../run-millrace.ts'

/** Against hangs. */
const BOUND_MS = 240_000
/** Making an embedded database takes seconds: most runs write to memory. */
const slow = process.env.MILLRACE_SLOW !== undefined
const inMemory = `import { createMemorySink } from '${import.meta.resolve('@millrace/intents')}'
export default { intents: { sink: createMemorySink() } }`

async function urlOf(running: ReturnType<typeof startMillrace>): Promise<string> {
  const banner = await printed(running, /Try .*\n/)
  return /http:\/\/127\.0\.0\.1:\d+/.exec(banner)?.[0] ?? ''
}

function post(url: string, payload: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/intents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ type: 'document.patch', payload }),
  })
}

describe('millrace intents', { timeout: BOUND_MS }, () => {
  it('serve takes documents, load measures it, and it ends when it is told to', async () => {
    await using folder = await Folder.with(slow ? {} : { 'millrace.config.js': inMemory })
    const args = ['intents', 'serve', '--port', '0', '--token', 'correct-horse', '--audit', 'log/audit.jsonl']
    const running = startMillrace(folder.path, args)
    const url = await urlOf(running)
    const headers = { authorization: 'Bearer correct-horse' }
    expect((await post(url, { id: 'door', set: { open: true } })).status).toBe(401)
    expect((await post(url, { id: 'door', set: { open: true } }, headers)).status).toBe(200)
    const bad = await post(url, { id: 'door', sett: { open: true } }, headers)
    expect([bad.status, await bad.json()]).toMatchObject([
      422,
      { code: 'INTENT_INVALID', facts: { issues: [{ path: ['sett'] }] } },
    ])

    const load = [
      'intents',
      'load',
      url,
      '--ws',
      '--rate',
      '100',
      '--seconds',
      '0.5',
      '--token',
      'correct-horse',
      '--json',
    ]
    const measured = await runMillrace(folder.path, load)
    expect(jsonLines(measured.stdout)[0]).toMatchObject({ sent: 50, committed: 50, failed: {}, withheld: 0 })
    expect(measured.code).toBe(0)

    running.child.kill('SIGTERM')
    const { code, stdout, stderr } = await running.ended
    expect(stderr).toContain('press Ctrl-C again to stop at once')
    expect(stdout).toMatch(slow ? /embedded PGlite in .*\n *not power-loss safe/ : /the sink of the configuration file/)
    expect(stdout).toMatch(/^52 intents: 51 committed, 0 duplicates, 0 failed, 1 refused\.$/m)
    expect(code).toBe(0)
    const audit = jsonLines(await readFile(folder.at('log/audit.jsonl'), 'utf8'))
    expect(audit[0]).toMatchObject({ batch: 1, size: 1, intents: [{ type: 'document.patch', key: 'documents:door' }] })
  })

  it.concurrent.each<[string, readonly string[], string, RegExp]>([
    [
      'a database that is not there',
      ['serve', '--postgres', 'postgres://u:secret@127.0.0.1:1/d'],
      'SINK_UNREACHABLE',
      /^(?!.*secret).*127\.0\.0\.1:1/,
    ],
    [
      'an audit log that cannot be',
      ['serve', '--audit', 'file/audit'],
      'AUDIT_UNWRITABLE',
      /Choose another --audit FILE/,
    ],
    ['a flag that there is not', ['serve', '--prot', '1'], 'FLAG_UNKNOWN', /Did you mean --port\?/],
    ['a server that is not there', ['load', 'http://127.0.0.1:9'], 'SERVER_UNREACHABLE', /millrace intents serve/],
  ])('tells of %s', async (_, args, code, says) => {
    await using folder = await Folder.with({ file: '' })
    const ended = await runMillrace(folder.path, ['intents', ...args])
    expect(ended.stderr).toMatch(says)
    expect(ended.stderr).toMatch(new RegExp(`^millrace: .* \\(${code}\\)\n$`))
    expect([ended.code, ended.stdout]).toEqual([1, ''])
  })
})
