export { Cluster, type ClusterOptions } from './cluster.ts'
export { type WorkOptions, work } from './work.ts'
export type { WorkEvent } from './work-event.ts'
