import { resolve } from 'node:path'
import type { ChannelKind } from './channel.ts'
import { LineFile } from './line-file.ts'
import { alertJson } from './wording.ts'

/** Appends alerts to a file, each a line of JSON. */
export const logChannel: ChannelKind<{ readonly file: string }> = {
  type: 'log',

  parse(fields) {
    const file = fields.string('file')
    return { file: file === '' ? file : resolve(file) }
  },

  open({ file }) {
    const lines = new LineFile(file)
    return {
      // What comes while a write is under way is written together with the next.
      maxUnderWay: 1000,
      deliver: (alert) => lines.append(JSON.stringify(alertJson(alert))),
      [Symbol.asyncDispose]: () => lines.close(),
    }
  },
}
