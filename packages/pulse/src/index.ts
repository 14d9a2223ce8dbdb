export { type Alert, type Channel, ChannelError, type ChannelKind } from './alerts/channel.ts'
export { type ChannelDefinition, defineChannel } from './alerts/define-channel.ts'
export type { RedriveQuery, RedriveReport } from './alerts/redriver.ts'
export {
  type BodyExpectation,
  type CheckedMonitor,
  type CheckKind,
  type EvaluateBody,
  type ProbeEnd,
  type Prober,
  type ProberContext,
  Verdict,
} from './checks/check.ts'
export { type CheckDefinition, type CheckResult, defineCheck } from './checks/define-check.ts'
export type { NetworkOptions } from './checks/tcp/network-options.ts'
export { createPulse } from './create-pulse.ts'
export { defineIntervention, type InterventionDefinition } from './interventions/define-intervention.ts'
export type { InterventionKind, InterventionOrder, InterventionOutcome } from './interventions/intervention.ts'
export { createKinds, type Kinds, type KindsOptions } from './kinds.ts'
export { CODES, type Code, STATE_NAMES, type StateName } from './lifecycle/states.ts'
export { describeFault, type FaultList, type ManifestFault } from './manifest/fault-list.ts'
export type { Fault, Fields, NumberRange } from './manifest/fields.ts'
export { type Manifest, type ManifestOptions, readManifest } from './manifest/read-manifest.ts'
export { type ManifestReport, validateManifest } from './manifest/validate-manifest.ts'
export type {
  CheckProfile,
  InterventionProfile,
  MaintenanceWindow,
  MonitorBatch,
  MonitorSpec,
  Profile,
  Route,
} from './monitors/monitor.ts'
export type {
  LoadReport,
  Logger,
  MonitorQuery,
  MonitorView,
  Percentiles,
  Pulse,
  PulseEvent,
  PulseMetrics,
  PulseOptions,
} from './pulse.ts'
export { type SimulateOptions, type SimulateReport, simulate } from './simulate/simulate.ts'
export { FAULTS as SIMULATED_FAULTS, type SimulatedFaults } from './simulate/simulated-faults.ts'
export type { Violation } from './simulate/witness/scene.ts'
export { createMemoryStore } from './store/memory-store.ts'
export type {
  AlertKey,
  DeadLetter,
  PulseStore,
  StoreChanges,
  StoredAlert,
  StoredBeat,
  StoredMonitor,
  StoredState,
} from './store/pulse-store.ts'
export { createSqliteStore, type SqliteStoreOptions } from './store/sqlite-store.ts'
