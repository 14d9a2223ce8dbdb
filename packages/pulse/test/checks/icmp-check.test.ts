import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fpingArguments, readFpingLine } from '../../src/checks/icmp/fping-line.ts'
import { icmpCheck } from '../../src/checks/icmp/icmp-check.ts'
import { FakePrograms } from '../fake-programs.ts'
import { faultsOf, found, Probing } from './probing.ts'

/** As fping 5 prints it; addresses that end with .9 are silent, with .8 reply to the second attempt only. */
const FPING = `
echo "$*" >> $LOG
for address in "$@"; do
  case $address in
    -*) ;;
    *.9) echo "$address : [0], timed out (NaN avg, 100% loss)" ;;
    *.8) echo "$address : [0], timed out (NaN avg, 100% loss)"; echo "$address : [1], 64 bytes, 7.5 ms (7.5 avg, 50% loss)" ;;
    *) echo "$address : [0], 64 bytes, 0.125 ms (0.125 avg, 0% loss)" ;;
  esac
done
echo >&2
for address in "$@"; do case $address in *.9) echo "$address : - -" >&2 ;; esac; done
exit 1`

/** As ping of iputils prints it. */
const PING = `
echo "$*" >> $LOG
for address in "$@"; do :; done
echo "PING $address ($address) 56(84) bytes of data."
case $address in *.9) exit 1 ;; esac
echo "64 bytes from $address: icmp_seq=1 ttl=64 time=3.25 ms"`

test('what begins together goes into one fping', async () => {
  await using programs = await FakePrograms.create({ fping: FPING, ping: 'exit 9' })
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  const hosts = ['192.0.2.1', '192.0.2.8', '192.0.2.9', '192.0.2.1', '::1', 'localhost']
  const probed = await Promise.all(hosts.map((host) => probing.probe({ host, count: 2 })))
  expect(probed.map(({ verdict, reason }) => reason ?? verdict)).toEqual([
    'PASS',
    'PASS',
    'no reply',
    'PASS',
    'PASS',
    'PASS',
  ])
  expect(probed.map(({ latencyMs }) => latencyMs)).toEqual([0.125, 7.5, expect.any(Number), 0.125, 0.125, 0.125])
  const calls = await programs.log()
  expect(calls).toHaveLength(1)
  expect(calls[0]).toMatch(/^-C2 -i1 -p1000 -t\d+ -r0 -B1 -- 192.0.2.1 192.0.2.8 192.0.2.9 ::1 127.0.0.1$/)
})

test('many addresses are several calls, a few at once', async () => {
  await using programs = await FakePrograms.create({ fping: FPING })
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  const hosts = Array.from({ length: 3000 }, (_, number) => `10.0.${number >> 8}.${number & 255}`)
  const all = await Promise.all(hosts.map((host) => found(probing.probe({ host }))))
  const silent = hosts.filter((host) => host.endsWith('.9')).length
  expect(all.filter((verdict) => verdict === 'FAIL: no reply')).toHaveLength(silent)
  expect(all.filter((verdict) => verdict === 'PASS')).toHaveLength(3000 - silent)
  expect(await programs.log()).toHaveLength(15)
})

test('without fping, ping does it', async () => {
  await using programs = await FakePrograms.create({ ping: PING })
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  const probed = await Promise.all(['192.0.2.1', '192.0.2.9'].map((host) => probing.probe({ host }, 2000)))
  expect(probed.map(({ verdict, reason }) => reason ?? verdict)).toEqual(['PASS', 'no reply'])
  expect(probed[0]?.latencyMs).toBe(3.25)
  expect((await programs.log())[0]).toMatch(/^-n -c 1 -W 2 -w 2 -- 192.0.2.\d$/)
})

test('without either it is our fault, and is said to be', async () => {
  await using programs = await FakePrograms.create({})
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  expect(await found(probing.probe({ host: '::1' }))).toBe('FAULT: neither fping nor ping is here: install fping')
})

test('a program that is gone is looked for anew', async () => {
  await using programs = await FakePrograms.create({ fping: FPING, ping: PING })
  await using probing = new Probing(icmpCheck({ searchPath: programs.searchPath }))
  expect(await found(probing.probe({ host: '::1' }))).toBe('PASS')
  await unlink(join(programs.folder, 'fping'))
  await found(probing.probe({ host: '::1' }))
  expect(await found(probing.probe({ host: '::1' }))).toBe('PASS')
  expect((await programs.log()).at(-1)).toMatch(/^-n -c 1/)
})

test('a program that may not do it is our fault', async () => {
  const script = 'echo "fping: can\'t create socket (must run as root?)" >&2; exit 4'
  await using programs = await FakePrograms.create({ fping: script })
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  expect(await found(probing.probe({ host: '::1' }))).toBe(
    "FAULT: fping cannot ping: fping: can't create socket (must run as root?)",
  )
})

test('a program that hangs is ended, and those that wait for it are told whose fault it is', async () => {
  await using programs = await FakePrograms.create({ fping: 'echo $$ >> $LOG; exec /bin/sleep 60' })
  await using probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  // Pings of another number go into another process, of which eight run at once.
  const counts = Array.from({ length: 9 }, (_, number) => number + 1)
  const probeAll = () => Promise.all(counts.map((count) => found(probing.probe({ host: '::1', count }, 1000))))
  let all = await probeAll()
  // On a busy machine this process may stand still itself.
  while (all.includes('FAULT: this process stood still')) all = await probeAll()
  expect(all).toEqual([
    ...Array.from({ length: 8 }, () => 'FAIL: no reply'),
    'FAULT: too many pings wait here: fping makes many at once',
  ])
})

test('closing ends the programs', async () => {
  await using programs = await FakePrograms.create({ fping: 'echo begun >> $LOG; exec /bin/sleep 60' })
  const probing = new Probing(icmpCheck({ searchPath: programs.folder }))
  const probed = found(probing.probe({ host: '::1' }, 60_000))
  await expect.poll(() => programs.log()).toEqual(['begun'])
  await probing[Symbol.asyncDispose]()
  expect(await probed).toBe('FAULT: the checks were stopped')
})

test('lines of fping are read as its versions print them', () => {
  expect(readFpingLine('192.0.2.1 : [0], 84 bytes, 0.04 ms (0.04 avg, 0% loss)')).toEqual({
    address: '192.0.2.1',
    ms: 0.04,
  })
  expect(readFpingLine('192.0.2.1     : [3], 64 bytes, 12 ms (12 avg, 0% loss)')).toEqual({
    address: '192.0.2.1',
    ms: 12,
  })
  expect(readFpingLine('192.0.2.1 : [0], timed out (NaN avg, 100% loss)')).toBeUndefined()
  expect(readFpingLine('2001:db8::1 : 0.07 -')).toEqual({ address: '2001:db8::1', ms: 0.07 })
  expect(readFpingLine('192.0.2.1 : - 0.07 ')).toEqual({ address: '192.0.2.1', ms: 0.07 })
  expect(readFpingLine('192.0.2.1 : - - -')).toEqual({ address: '192.0.2.1', ms: undefined })
  for (const other of ['', ' ', 'ICMP Host Unreachable from 192.0.2.254 for ICMP Echo sent to 192.0.2.1', 'x : y']) {
    expect(readFpingLine(other)).toBeUndefined()
  }
})

test('fping ends within the time there is', () => {
  for (const count of [1, 2, 5, 20]) {
    for (const addresses of [1, 200]) {
      for (const budgetMs of [700, 1000, 5000, 60_000]) {
        const list = fpingArguments(
          Array.from({ length: addresses }, () => '::1'),
          count,
          budgetMs,
        )
        const option = (flag: string) => Number(list.find((text) => text.startsWith(flag))?.slice(flag.length))
        expect(addresses * option('-i') + (count - 1) * option('-p') + option('-t')).toBeLessThanOrEqual(budgetMs)
      }
    }
  }
})

test('what is no host is told', () => {
  for (const host of ['-f/etc/passwd', 'a b', '$(id)', 'a;b']) expect(faultsOf(icmpCheck(), { host })).toHaveLength(1)
  expect(faultsOf(icmpCheck(), { host: 'a.example', count: 0 })).toHaveLength(1)
})
