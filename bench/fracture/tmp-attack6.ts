import { CutoutBatchProcessor } from '@millrace/fracture'
const p = new CutoutBatchProcessor({ frames: 'manual' })
const c = new AbortController()
const sq = [0,0,10,0,10,10,0,10]
for (let i = 0; i < 10000; i++) p.submitFracture(sq, { seed: i }, { signal: c.signal })
let t = performance.now(); c.abort(); console.log('abort 10000', performance.now() - t)
let heard = 0; p.jobCancelled.subscribe(() => heard++)
t = performance.now(); let f = 0; while (heard < 10000) { const a = performance.now(); p.process(); f++; const d = performance.now() - a; if (d > 3) console.log('frame', d) } console.log('frames', f, performance.now() - t)
const c2 = new AbortController()
for (let i = 0; i < 10000; i++) p.submitFracture(sq, { seed: i }, { signal: c2.signal, priority: i % 11 })
t = performance.now(); let worst = 0; f = 0
while (p.stats.pending > 0) { const a = performance.now(); p.process(); f++; worst = Math.max(worst, performance.now() - a) }
console.log('delivered in frames', f, 'worst', worst)
// all the same, on the caller
for (let i = 0; i < 10000; i++) p.submitFracture(sq, { seed: 5 })
worst = 0; f = 0
while (p.stats.pending > 0) { const a = performance.now(); p.process(); f++; worst = Math.max(worst, performance.now() - a) }
console.log('hits in frames', f, 'worst', worst)
const batch = p.submitBatch(Array.from({ length: 10000 }, () => sq), { seed: 1 })
t = performance.now(); p.cancelJob(batch); console.log('cancel batch', performance.now() - t)
while (p.stats.pending > 0) p.process()
// coalesced: everyone waits for one cut, and leaves from the back and the front
for (let i = 0; i < 10000; i++) p.submitFracture(sq, { seed: 77 })
await p.close({ withinMs: 10 })
console.log(JSON.stringify(p.stats))
