import { parentPort } from 'node:worker_threads'

/* Sends much and is gone at once. */
for (let index = 0; index < 1000; index++) parentPort!.postMessage(['@millrace/pool', 'progress', index, 0])
throw new RangeError('gone')
