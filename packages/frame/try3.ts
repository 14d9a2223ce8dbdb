import { BatchController, BatchType } from '@millrace/frame'
const c = new BatchController()
const fns: (() => void)[] = []
let n = 0
for (let i = 0; i < 1000; i++) { const run = () => { n++ }; fns.push(run); c.register({ type: BatchType.Transform, cost: 0.01, name: 's' + i, run }) }
for (let f = 0; f < 3000; f++) c.runFrame()
for (let k = 0; k < 5; k++) {
const t = performance.now()
for (let f = 0; f < 2000; f++) c.runFrame()
const ms = performance.now() - t
const u = performance.now()
for (let f = 0; f < 2000; f++) for (const fn of fns) fn()
const bare = performance.now() - u
console.log('per frame µs', (ms / 2).toFixed(1), 'bare', (bare / 2).toFixed(1))
}
