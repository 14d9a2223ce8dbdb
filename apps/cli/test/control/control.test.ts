import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { controlAddress } from '../../src/control/control-address.ts'
import { connectControl, statisticsOfRunning } from '../../src/control/control-client.ts'
import { openControlServer } from '../../src/control/control-server.ts'
import { Folder } from '../run-millrace.ts'
import { Steered } from './steered.ts'

/** One request as any HTTP client would make it. */
async function ask(socketPath: string, method: string, path: string, body?: string | Buffer) {
  const asked = request({ socketPath, method, path, agent: false })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const said = await text(response)
  return { status: response.statusCode, type: response.headers['content-type'], said }
}

describe('the control socket', () => {
  it('answers what is asked about the job, and does what the client tells it', async () => {
    await using folder = await Folder.with()
    const engine = new Steered()
    using server = await openControlServer(folder.path, engine.routes)
    expect(server.address).toBe(folder.at('control.sock'))
    expect(statSync(server.address).mode & 0o777).toBe(0o600)
    const client = connectControl(folder.path)
    expect(await client.statistics()).toMatchObject({ jobId: '7', perWorker: [{ worker: 0 }, { worker: 1 }] })
    expect(await client.health()).toMatchObject({ status: 'ok' })
    expect(await client.pause()).toMatchObject({ status: 'paused' })
    // It is unwell, which is an answer and no failure.
    expect(await client.health()).toMatchObject({ status: 'paused', reasons: ['Paused: the user paused it.'] })
    expect(await client.continue()).toMatchObject({ status: 'ok' })
    await client.configure({ workerCount: 4, timeoutSeconds: 10 })
    expect(await client.retryQuarantined()).toBe(12)
    expect(await client.retryQuarantined(['a.js'])).toBe(1)
    expect(engine.told).toEqual([{ workerCount: 4, timeoutSeconds: 10 }, undefined, ['a.js']])
    await expect(client.retryQuarantined(['gone.js'])).rejects.toMatchObject({ code: 'QUARANTINE_UNKNOWN' })
  })

  it('can be asked by any HTTP client', async () => {
    await using folder = await Folder.with()
    const engine = new Steered()
    using server = await openControlServer(folder.path, engine.routes)
    const well = await ask(server.address, 'GET', '/health?pretty')
    expect([well.status, well.type, JSON.parse(well.said).status]).toEqual([200, 'application/json', 'ok'])
    engine.pause()
    expect((await ask(server.address, 'GET', '/health')).status).toBe(503)
    const metrics = await ask(server.address, 'GET', '/metrics')
    expect(metrics.type).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(metrics.said).toContain('\nmillrace_files_paused 1\n')
  })

  it('serves clients beside one another', async () => {
    await using folder = await Folder.with()
    using _server = await openControlServer(folder.path, new Steered().routes)
    const client = connectControl(folder.path)
    const answers = await Promise.all([client.pause(), client.statistics(), client.health(), client.continue()])
    expect(answers.map(({ jobId }) => jobId)).toEqual(['7', '7', '7', '7'])
  })

  it.each([
    ['no JSON', 'POST', '/configure', '{"workerCount":', 400, /The body is not JSON/],
    ['bytes', 'POST', '/configure', Buffer.from([0, 255, 254, 10]), 400, /The body is not JSON/],
    ['another type', 'POST', '/configure', '[4]', 400, /the configuration must be an object, got a list/],
    ['a typo', 'POST', '/configure', '{"workerCont":4}', 400, /Did you mean workerCount\?/],
    ['out of bounds', 'POST', '/configure', '{"workerCount":0}', 400, /from 1 to 1024, got 0/],
    ['nothing', 'POST', '/configure', '', 400, /must be an object, got undefined/],
    ['no change', 'POST', '/configure', '{}', 400, /names nothing to change/],
    ['what cannot change', 'POST', '/configure', '{"stateDir":"/"}', 400, /stateDir is no known field/],
    ['no paths', 'POST', '/quarantine/retry', '{"paths":"a.js"}', 400, /paths must be a list/],
    ['paths of numbers', 'POST', '/quarantine/retry', '{"paths":[1]}', 400, /paths must be a list/],
    ['a stranger', 'POST', '/quarantine/retry', '{"path":"a.js"}', 400, /has a field "path"/],
    ['a list', 'POST', '/quarantine/retry', '["a.js"]', 400, /must be \{"paths"/],
    ['no such path', 'GET', '/__proto__', undefined, 404, /There is no GET \/__proto__ here/],
    ['another method', 'GET', '/pause', undefined, 405, /There is: .*POST \/pause/],
    ['too much', 'POST', '/configure', Buffer.alloc(3_000_000, 0x20), 413, /larger than 1048576 bytes/],
  ] as const)('refuses %s and goes on', async (_, method, path, body, status, says) => {
    await using folder = await Folder.with()
    const engine = new Steered()
    using server = await openControlServer(folder.path, engine.routes)
    const answer = await ask(server.address, method, path, body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.said)).toEqual({ code: 'CONTROL_REQUEST_INVALID', message: expect.stringMatching(says) })
    expect(engine.told).toEqual([])
    expect(await connectControl(folder.path).health()).toMatchObject({ status: 'ok' })
  })

  it('survives a client that speaks no HTTP, and one that leaves', async () => {
    await using folder = await Folder.with()
    using server = await openControlServer(folder.path, new Steered().routes)
    const noise = connect(server.address)
    noise.end('\u0000\u0001 what is this\r\n\r\n')
    expect(await text(noise)).toMatch(/^HTTP\/1\.1 400 /)
    const gone = connect(server.address)
    gone.write('POST /configure HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
    await once(gone, 'connect')
    gone.destroy()
    expect(await connectControl(folder.path).health()).toMatchObject({ status: 'ok' })
  })

  it('answers a failure of the engine that is no error of ours without a code, and the client says so', async () => {
    await using folder = await Folder.with()
    const engine = new Steered()
    engine.retryQuarantined = () => Promise.reject(new TypeError('x is not a function'))
    using _server = await openControlServer(folder.path, engine.routes)
    await expect(connectControl(folder.path).retryQuarantined()).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: expect.stringContaining('x is not a function'),
    })
  })
})

describe('the place of the socket', () => {
  it('is taken away at once, and not when a later owner has it', async () => {
    await using folder = await Folder.with()
    using first = await openControlServer(folder.path, new Steered().routes)
    using second = await openControlServer(folder.path, new Steered().routes)
    first.stopListening()
    first.stopListening()
    expect(existsSync(second.address)).toBe(true)
    expect(await connectControl(folder.path).health()).toMatchObject({ status: 'ok' })
    second.stopListening()
    expect(existsSync(second.address)).toBe(false)
    await expect(connectControl(folder.path).health()).rejects.toMatchObject({ code: 'JOB_NOT_RUNNING' })
  })

  it('would be lost with a server that is closed by its name', async () => {
    await using folder = await Folder.with()
    const address = controlAddress(folder.path)
    const naive = createServer().listen(address)
    await once(naive, 'listening')
    rmSync(address)
    using later = await openControlServer(folder.path, new Steered().routes)
    naive.close()
    expect(existsSync(later.address)).toBe(false)
  })

  it('is free again after an owner that was killed', async () => {
    await using folder = await Folder.with()
    const address = controlAddress(folder.path)
    const script = `require('node:net').createServer().listen(process.argv[1], () => console.log('up'))`
    const killed = spawn(process.execPath, ['-e', script, address], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(killed.stdout, 'data')
    killed.kill('SIGKILL')
    await once(killed, 'close')
    expect(existsSync(address)).toBe(true)
    expect(await statisticsOfRunning(folder.path)).toBeUndefined()
    using _server = await openControlServer(folder.path, new Steered().routes)
    expect(await connectControl(folder.path).health()).toMatchObject({ status: 'ok' })
  })

  it('is left alone where something else is there', async () => {
    await using folder = await Folder.with()
    mkdirSync(folder.at('a/control.sock'), { recursive: true })
    mkdirSync(folder.at('b'))
    writeFileSync(folder.at('b/control.sock'), 'mine')
    for (const state of ['a', 'b']) {
      await expect(openControlServer(folder.at(state), {})).rejects.toMatchObject({
        code: 'CONTROL_UNAVAILABLE',
        message: expect.stringMatching(/something else is there that is not a socket.*The job itself goes on\./),
      })
      await expect(connectControl(folder.at(state)).health()).rejects.toMatchObject({ code: 'JOB_NOT_RUNNING' })
    }
    await expect(openControlServer(folder.at('gone'), {})).rejects.toMatchObject({ code: 'CONTROL_UNAVAILABLE' })
    await expect(connectControl(folder.at('gone')).health()).rejects.toMatchObject({ code: 'JOB_NOT_RUNNING' })
  })

  it('may have a long path', async () => {
    await using folder = await Folder.with()
    const deep = join(folder.path, 'd'.repeat(120))
    mkdirSync(deep)
    using server = await openControlServer(deep, new Steered().routes)
    expect(server.address.length).toBeLessThan(100)
    expect(await connectControl(deep).health()).toMatchObject({ status: 'ok' })
    server.stopListening()
    expect(existsSync(server.address)).toBe(false)
  })

  it('tells a listener that is no job from none', async () => {
    await using folder = await Folder.with()
    const routes = { 'GET /health': () => ({ body: 'hello' }) }
    using _server = await openControlServer(folder.path, routes)
    await expect(connectControl(folder.path).health()).rejects.toMatchObject({ code: 'CONTROL_FAILED' })
  })
})
