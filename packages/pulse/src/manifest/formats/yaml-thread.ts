import { parentPort } from 'node:worker_threads'
import { NOT_TEXT } from './piece.ts'
import { readYaml } from './read-yaml.ts'
import { decode, lineNotText } from './text.ts'
import { YamlPieceReader } from './yaml-piece-reader.ts'
import type { YamlAnswer, YamlJob } from './yaml-threads.ts'

/** Reads pieces of YAML, one after the other. */
parentPort!.on('message', (job: YamlJob) => parentPort!.postMessage(answer(job)))

const pieces = new YamlPieceReader()

function answer({ bytes, anchors, indent }: YamlJob): YamlAnswer {
  const text = decode(bytes)
  if (text === undefined) {
    const faults = [{ line: lineNotText(bytes), message: NOT_TEXT }]
    return { definitions: undefined, hasList: false, texts: '', lines: new Uint32Array(), faults }
  }
  const { texts, ...read } = indent === undefined ? readYaml(text) : pieces.read(text, indent, anchors)
  // JSON has no line breaks; one text passes to another thread faster than many.
  return { ...read, texts: texts.join('\n') }
}
