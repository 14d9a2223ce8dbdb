import { type Prober, Verdict } from '../../packages/pulse/src/checks/check.ts'
import { createHttpCheck } from '../../packages/pulse/src/checks/http/http-check.ts'
import type { HttpOptions } from '../../packages/pulse/src/checks/http/http-options.ts'
import type { Sample } from '../harness/compare.ts'

/** Checks under way at once. */
export const AT_ONCE = 200

/** Begins a check, and calls back once, when it passed. */
export type Begin = (passed: () => void) => void

/** Microseconds of this process's processor time a check. */
export async function sampleOf(begin: Begin, checks: number, seconds: number[]): Promise<Sample> {
  const before = process.cpuUsage()
  const started = performance.now()
  await new Promise<void>((resolve) => {
    let begun = 0
    let passed = 0
    const onPassed = () => {
      passed++
      if (begun < checks) {
        begun++
        begin(onPassed)
      } else if (passed === checks) resolve()
    }
    while (begun < Math.min(AT_ONCE, checks)) {
      begun++
      begin(onPassed)
    }
  })
  seconds.push((performance.now() - started) / 1000)
  const { user, system } = process.cpuUsage(before)
  return { value: (user + system) / checks, checksum: checks }
}

/** Our prober, whose checks must all pass. */
export function proberOf(
  origin: string,
  keepAlive: boolean,
): { readonly prober: Prober<HttpOptions>; readonly begin: Begin } {
  const waiting: ((() => void) | undefined)[] = []
  const free: number[] = []
  const prober = createHttpCheck().createProber({
    evaluate: () => Promise.reject(new Error('no body is looked at')),
    end: (ticket, verdict, _, reason) => {
      if (verdict !== Verdict.PASS) throw new Error(`a check failed: ${reason}`)
      free.push(ticket)
      waiting[ticket]!()
    },
  })
  const options: HttpOptions = {
    method: 'GET',
    headers: {},
    body: '',
    expectedStatus: [200, 200],
    insecureSkipVerify: false,
    followRedirects: 0,
    keepAlive,
    maxBody: 65_536,
  }
  const url = `${origin}/health`
  const begin: Begin = (passed) => {
    const ticket = free.pop() ?? waiting.length
    waiting[ticket] = passed
    prober.probe(ticket, url, options, 5000)
  }
  return { prober, begin }
}
