import { BatchProcessingEngine } from '@millrace/files'
import { rmSync } from 'node:fs'
rmSync('/tmp/cpu-st',{recursive:true,force:true})
const e=new BatchProcessingEngine({stateDir:'/tmp/cpu-st', out:'/tmp/cpu.jsonl', processors:['syntax'], discover:{vendor:true, exclude:['@mui/icons-material/esm']}, workerCount: 2})
let bs=0, files: number[]=[]
e.events.subscribe((ev)=>{ if(ev.type==='batch-started') {bs++; files.push(ev.files)} ; if (ev.type==='limits-changed') console.log(ev)})
const r=await e.processRepository(process.argv[2]!)
const c=process.cpuUsage()
console.log(r.books, r.seconds.toFixed(2), Math.round(r.filesPerSecond), 'main cpu', ((c.user+c.system)/1e6).toFixed(2), 'batches', bs, 'util', r.statistics.utilisation.toFixed(2), 'peak', Math.round(r.peakRssMb), files.slice(0,5), files.slice(-8))
await e.close()
