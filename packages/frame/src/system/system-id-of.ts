import type { RemoteBatchSystem } from './batch-system.ts'
import type { SystemFrame } from './system-frame.ts'
import type { SystemId } from './system-id.ts'

/** The id that a system of this type has once it is registered. */
export type SystemIdOf<System> = System extends { readonly task: string }
  ? System extends RemoteBatchSystem<infer Input, infer _Result, string>
    ? IdOf<Input, unknown>
    : never
  : System extends { readonly run: infer Run }
    ? SystemIdOfRun<Run>
    : never

/** The same of what a system runs. */
export type SystemIdOfRun<Run> = Run extends (frame: SystemFrame, input: infer Input) => infer Returned
  ? IdOf<Input, OutputOf<Returned>>
  : never

/** A system that does not look at its input has none. */
type IdOf<Input, Output> = unknown extends Input ? SystemId<void, Output> : SystemId<Input, Output>

type OutputOf<Returned> =
  Returned extends Promise<infer Output>
    ? Output
    : Returned extends Generator<unknown, infer Output, unknown>
      ? Output
      : Returned
