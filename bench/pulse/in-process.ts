import { fileURLToPath } from 'node:url'
import { runCommand } from '../harness/run-command.ts'

const BOUND_S = 600

/** Runs a script here with a plan, in a process of its own with Node as it comes, for what it prints: its outcome as JSON. Linux only. */
export async function inProcess<Outcome>(
  script: string,
  plan: object,
  nodeFlags: readonly string[] = [],
): Promise<Outcome> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const args = ['--conditions=millrace-source', ...nodeFlags, file, JSON.stringify(plan)]
  const { end, stdout, stderr } = await runCommand(process.execPath, args, { cwd: process.cwd(), boundS: BOUND_S })
  if (end !== 'code 0') throw new Error(`${script}: ended with ${end}: ${stderr}`)
  return JSON.parse(stdout) as Outcome
}
