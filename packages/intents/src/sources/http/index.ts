export type { DoorOptions } from '../access/door.ts'
export type { RateLimitOptions } from '../access/rate-limit.ts'
export { createIntentRoutes, type IntentRoutesOptions } from './intent-routes.ts'
