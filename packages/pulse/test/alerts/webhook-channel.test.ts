import { describe, expect, it } from 'vitest'
import { readRetryAfter } from '../../src/alerts/send-request.ts'
import { webhookChannel } from '../../src/alerts/webhook-channel.ts'
import { delivered, failureOf, faultsOf, opened } from './opened.ts'
import { Receiver } from './receiver.ts'
import { ALERT } from './samples.ts'

const SECRET = 'T0P-5ECRET'

describe('webhookChannel', () => {
  it('sends the alert as JSON', async () => {
    await using receiver = await Receiver.listen()
    await using channel = opened(webhookChannel, { url: `${receiver.url}/hook`, headers: { 'X-Token': SECRET } })
    await delivered(channel)
    expect(receiver.received).toMatchObject([
      { method: 'POST', path: '/hook', headers: { 'x-token': SECRET, 'content-type': 'application/json' } },
    ])
    const times = { at: '2026-11-22T00:00:00.000Z', since: '2026-11-21T23:59:00.000Z' }
    expect(receiver.json).toEqual({ ...ALERT, ...times })
  })

  it('sends what its template says, as what it is', async () => {
    await using receiver = await Receiver.listen()
    const hostile = { reason: 'it said "no"\n& <b>ä</b>' }
    const bodyOf = async (body: string, type?: string) => {
      const headers = type === undefined ? {} : { 'Content-Type': type }
      await using channel = opened(webhookChannel, { url: receiver.url, method: 'PUT', headers, body })
      await delivered(channel, hostile)
      return receiver.received.at(-1)!.body
    }
    expect(JSON.parse(await bodyOf('{"text": "{{ monitor }}: {{reason}}", "at": "{{at}}"}'))).toEqual({
      text: `api: ${hostile.reason}`,
      at: '2026-11-22T00:00:00.000Z',
    })
    const form = await bodyOf('text={{reason}}&tags={{tags}}', 'application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({ text: hostile.reason, tags: 'prod, eu' })
    expect(await bodyOf('<a>{{reason}}</a>', 'text/xml')).toBe(
      '<a>it said &#34;no&#34;\n&#38; &#60;b&#62;ä&#60;/b&#62;</a>',
    )
    expect(await bodyOf('{{code}}: {{reason}}', 'text/plain')).toBe(`red: ${hostile.reason}`)
  })

  it('tries again what may pass, and nothing else', async () => {
    await using receiver = await Receiver.listen()
    await using channel = opened(webhookChannel, { url: receiver.url })
    const answers: [number, Record<string, string>, boolean, number | undefined][] = [
      [400, {}, false, undefined],
      [401, {}, false, undefined],
      [404, { 'retry-after': '5' }, false, undefined],
      [302, { location: '/elsewhere' }, false, undefined],
      [408, {}, true, undefined],
      [425, {}, true, undefined],
      [429, {}, true, undefined],
      [429, { 'retry-after': '7' }, true, 7000],
      [500, { 'retry-after': '7' }, true, undefined],
      [503, { 'retry-after': '0' }, true, 0],
      [503, { 'retry-after': 'soon' }, true, undefined],
    ]
    for (const [status, headers, isPassing, retryAfterMs] of answers) {
      receiver.answer = (response) => response.writeHead(status, headers).end('no')
      const failure = await failureOf(channel)
      expect([status, failure.isPassing, failure.retryAfterMs]).toEqual([status, isPassing, retryAfterMs])
      expect(failure.message).toContain(`the webhook answered with ${status}`)
    }
    expect(receiver.received).toHaveLength(answers.length)
  })

  it('reads a date to wait for', () => {
    expect(readRetryAfter('Sun, 22 Nov 2026 00:00:10 GMT', Date.UTC(2026, 10, 22))).toBe(10_000)
    expect(readRetryAfter('Sun, 22 Nov 2026 00:00:10 GMT', Date.UTC(2027, 10, 22))).toBe(0)
  })

  it('ends with its signal, however the other side hangs', async () => {
    await using receiver = await Receiver.listen()
    await using channel = opened(webhookChannel, { url: receiver.url })
    receiver.answer = () => {}
    expect(await failureOf(channel, {}, 50)).toMatchObject({ isPassing: true })
    // The status was said: it has the alert, and the rest is not waited for.
    receiver.answer = (response) => response.writeHead(200).write('and')
    await delivered(channel, {}, 20_000)
    receiver.answer = (response) => {
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.writeHead(200).on('drain', pour)
      pour()
    }
    await delivered(channel)
    receiver.answer = (response) => response.destroy()
    expect(await failureOf(channel)).toMatchObject({
      isPassing: true,
      message: expect.stringMatching(/did not answer \(\w+\)/),
    })
  })

  it('says nothing of what is secret', async () => {
    await using channel = opened(webhookChannel, {
      url: `http://127.0.0.1:1/${SECRET}`,
      headers: { authorization: SECRET },
      body: SECRET,
    })
    const failure = await failureOf(channel)
    expect(failure.isPassing).toBe(true)
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${failure.cause}`).not.toContain(SECRET)
    const faults = [
      ...faultsOf(webhookChannel, { url: `ftp://${SECRET}` }),
      ...faultsOf(webhookChannel, { url: `https://user:${SECRET}@example.org/` }),
      ...faultsOf(webhookChannel, { url: 'http://a', headers: { authorization: `${SECRET}\r\nx: y` } }),
    ]
    expect(faults).toHaveLength(3)
    expect(faults.join()).not.toContain(SECRET)
  })

  it('says what is wrong with its config', () => {
    expect(faultsOf(webhookChannel, {})).toEqual([expect.stringContaining('url')])
    expect(faultsOf(webhookChannel, { url: 'file:/etc/passwd'.replace(':', '%3A') })[0]).toContain('http://')
    expect(faultsOf(webhookChannel, { url: 'http://a', headers: { 'a b': 'c' } })[0]).toContain('"a b"')
    expect(faultsOf(webhookChannel, { url: 'http://a', body: '{{monitr}}' })[0]).toContain('{{monitr}}')
  })
})
