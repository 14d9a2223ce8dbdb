export type { DoorOptions } from '../access/door.ts'
export type { RateLimitOptions } from '../access/rate-limit.ts'
export { attachIntentSocket, type IntentSocket, type IntentSocketOptions } from './attach-intent-socket.ts'
