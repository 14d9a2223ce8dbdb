import { createPulse } from '@millrace/pulse'
import { describe, expect, it } from 'vitest'
import { keptToken } from '../../src/pulse/api/kept-token.ts'
import { listenForPulse } from '../../src/pulse/api/pulse-listener.ts'
import { Folder } from '../run-millrace.ts'

const TOKEN = 'correct-horse-battery'
const headers = { authorization: `Bearer ${TOKEN}` }

describe('the listener of a pulse', () => {
  it('says that it is starting until it is opened, and only that it lives', async () => {
    await using pulse = createPulse()
    await using listener = await listenForPulse({ pulse, tokens: [TOKEN], port: 0 })
    const early = await fetch(`${listener.url}/monitors`, { headers })
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await early.json()).toMatchObject({ code: 'PULSE_UNAVAILABLE' })
    expect((await fetch(`${listener.url}/health/live`)).status).toBe(200)
    await pulse.start()
    listener.open()
    expect(await (await fetch(`${listener.url}/monitors`, { headers })).json()).toEqual({ monitors: [], next: null })
    expect(await (await fetch(`${listener.url}/metrics`, { headers })).text()).toContain('millrace_pulse_healthy 1\n')
  })

  it('does not take a port that another has', async () => {
    await using pulse = createPulse()
    await using listener = await listenForPulse({ pulse, tokens: [TOKEN], port: 0 })
    const port = Number(new URL(listener.url).port)
    await expect(listenForPulse({ pulse, tokens: [TOKEN], port })).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE' })
  })
})

describe('a kept token', () => {
  it('is made once', async () => {
    await using folder = await Folder.with()
    const token = await keptToken(folder.at('state/token'))
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(await keptToken(folder.at('state/token'))).toBe(token)
  })

  it('is refused where a file has none', async () => {
    await using folder = await Folder.with({ token: 'not one\n' })
    await expect(keptToken(folder.at('token'))).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: expect.stringMatching(/Remove it, and another is made/),
    })
  })
})
