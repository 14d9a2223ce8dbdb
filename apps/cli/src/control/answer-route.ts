import { MillraceError } from '@millrace/kernel/errors'
import type { Answer, Routes } from './routes.ts'

/** What `routes` answer to a request, however it came; errors as `{code, message}`. Never rejects. */
export async function answerRoute(
  routes: Routes,
  { method, path }: { readonly method: string; readonly path: string },
  body: () => Promise<unknown>,
): Promise<Answer> {
  try {
    const name = `${method} ${path}`
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined
    if (route !== undefined) return await route(await body())
    const elsewhere = Object.keys(routes).some((known) => known.endsWith(` ${path}`))
    const message = `There is no ${name} here. There is: ${Object.keys(routes).join(', ')}.`
    return { status: elsewhere ? 405 : 404, body: toPlain(new MillraceError('CONTROL_REQUEST_INVALID', message)) }
  } catch (error) {
    return { status: statusOf(error), body: toPlain(error) }
  }
}

function statusOf(error: unknown): number {
  if (!(error instanceof MillraceError)) return 500
  return typeof error.detail.status === 'number' ? error.detail.status : 400
}

function toPlain(error: unknown): { readonly code: string | null; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error)
  return { code: error instanceof MillraceError ? error.code : null, message }
}
