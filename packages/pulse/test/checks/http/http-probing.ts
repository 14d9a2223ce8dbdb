import type { CheckKind, EvaluateBody } from '../../../src/checks/check.ts'
import { createHttpCheck } from '../../../src/checks/http/http-check.ts'
import type { HttpOptions } from '../../../src/checks/http/http-options.ts'
import type { NetworkOptions } from '../../../src/checks/tcp/network-options.ts'
import { Probing } from '../probing.ts'

/** Finds a text, and nothing else. */
const findText: EvaluateBody = async (body, { contains = '' }) =>
  Buffer.from(body).includes(contains) ? undefined : 'its body is another'

/** HTTP checks with a way to evaluate bodies. */
export function httpProbing(options: NetworkOptions = {}, evaluate: EvaluateBody = findText): Probing {
  const kind = createHttpCheck(options)
  const withBodies: CheckKind<HttpOptions> = {
    ...kind,
    createProber: (context) => kind.createProber({ ...context, evaluate }),
  }
  return new Probing(withBodies as CheckKind)
}
