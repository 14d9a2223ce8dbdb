import type { Bench } from '../harness/bench.ts'
import { MEMORY_FLAGS } from '../harness/memory.ts'
import { runBenchFile } from '../harness/run-bench-file.ts'

/**
 * What does it cost to bring a value into shared memory and out of it? In a process of its own: to count bytes it takes flags with
 * which the pools are not measured.
 */
export default async function codecs(bench: Bench): Promise<void> {
  const file = new URL('./codec-costs.ts', import.meta.url)
  const { rows } = await runBenchFile(file, { nodeFlags: MEMORY_FLAGS, quick: bench.quick })
  bench.report(rows)
}
