import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DiscoveredFile } from '../file.ts'
import { readInput } from '../processor/file-input.ts'
import { loadProcessors, processorFor } from '../processor/load-processors.ts'
import { recordLine } from '../worker/record-line.ts'
import type { ProbeMessage, ProbeOrder } from './probe-order.ts'

// Taken before any processor is loaded: one that puts another function in its place meets only itself.
const send = process.send!.bind(process)
const { gc } = globalThis
const { memoryUsage } = process

type Told<M> = M extends unknown ? Omit<M, 'token'> : never

const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ProbeOrder
const { root, files, repeats, weighings, weighsEach, token } = order
const processors = await loadProcessors(order.processors, order.base)

for (let pass = 0; pass < repeats; pass++) {
  await begin(files)
  for (const [index, file] of files.entries()) {
    await tell({ type: 'begin', index })
    await tell({ type: 'record', pass, index, digest: await digestOf(file) })
  }
}
for (let pass = 0; pass < weighings; pass++) {
  // Whoever remembers files by their paths has seen these: under other names they are other files.
  const renamed = files.map((file) => ({ ...file, path: `weighing-${pass}/${file.path}` }))
  await begin(renamed)
  await tell({ type: 'weight', pass, index: -1, heldBytes: await held() })
  for (const [index, file] of files.entries()) {
    await tell({ type: 'begin', index })
    await digestOf(file, renamed[index]!)
    if (weighsEach || index === files.length - 1) await tell({ type: 'weight', pass, index, heldBytes: await held() })
  }
}
await tell({ type: 'over' })
process.exit(0)

function tell(message: Told<ProbeMessage>): Promise<void> {
  return new Promise((resolve) => void send({ ...message, token }, undefined, undefined, () => resolve()))
}

async function begin(list: readonly DiscoveredFile[]): Promise<void> {
  for (const [processor, theirs] of Map.groupBy(list, (file) => processorFor(processors, file))) {
    try {
      await processor?.begin?.(theirs, root)
    } catch {
      // Whatever it was, it comes up again where it is some file's failure.
    }
  }
}

async function digestOf(file: DiscoveredFile, known = file): Promise<string> {
  try {
    const input = readInput(root, file, Number.MAX_SAFE_INTEGER)
    const processor = processorFor(processors, known)
    if (processor === undefined) return 'not taken'
    const { absolutePath, bytes } = input
    const output = await processor.process({ file: known, absolutePath, bytes, text: () => input.text() })
    return hash('sha256', recordLine(known.path, input.hash, output, processor))
  } catch (error) {
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
    return hash('sha256', `refused ${String(code)} ${String(message)}`)
  }
}

async function held(): Promise<number> {
  // What a promise still holds is let go of in a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve))
  gc?.()
  const { heapUsed, external } = memoryUsage()
  return heapUsed + external
}
