import { fileURLToPath } from 'node:url'
import { runCommand } from '../harness/run-command.ts'

const BOUND_S = 600

/** By it packages are found by their sources; without it, as they are published. */
const FROM_SOURCE = ['--conditions=millrace-source']

/** Runs a script here with a plan, in a process of its own with Node as it comes, for what it prints: its outcome as JSON. Linux only. */
export async function inProcess<Outcome>(
  script: string,
  plan: object,
  nodeFlags: readonly string[] = FROM_SOURCE,
): Promise<Outcome> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const args = [...nodeFlags, file, JSON.stringify(plan)]
  const { end, stdout, stderr } = await runCommand(process.execPath, args, { cwd: process.cwd(), boundS: BOUND_S })
  if (end !== 'code 0') throw new Error(`${script}: ended with ${end}: ${stderr}`)
  return JSON.parse(stdout) as Outcome
}
