export type { MonitorAnswer } from './monitor-answer.ts'
export { createPulseApi, type PulseApiOptions, type PulseMetricsText } from './pulse-api.ts'
