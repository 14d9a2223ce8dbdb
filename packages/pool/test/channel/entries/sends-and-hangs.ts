import { parentPort } from 'node:worker_threads'

/* Sends much, says so in shared memory, and never comes back. */
const sent = new Int32Array(new SharedArrayBuffer(4))
parentPort!.postMessage(['@millrace/pool', 'memory', sent.buffer])
for (let index = 0; index < 1000; index++) parentPort!.postMessage(['@millrace/pool', 'progress', index, 0])
Atomics.store(sent, 0, 1)
for (;;) Atomics.wait(sent, 0, 1, 1000)
