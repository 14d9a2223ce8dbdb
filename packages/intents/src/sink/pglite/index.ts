export { createPgliteSink, type PgliteSinkOptions } from './pglite-sink.ts'
