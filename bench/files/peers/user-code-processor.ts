/** The common user code as a processor of ours. */
import { createRequire } from 'node:module'
import type { Processor } from '@millrace/files'

const { userCode } = createRequire(import.meta.url)('./user-code.cjs') as {
  userCode(path: string, text: string): { path: string; statements: number }
}

const processor: Processor = {
  name: 'user-code',
  version: '1',
  match: ({ kind }) => kind === 'source',
  process: (input) => {
    const { statements } = userCode(input.file.path, input.text())
    return { statements }
  },
}
export default processor
