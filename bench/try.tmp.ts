import { BatchProcessingEngine } from '@millrace/files'
import { corpusOf } from './files/corpus.ts'
import { mkdtempSync, rmSync } from 'node:fs'
const corpus = corpusOf(false)
const d = mkdtempSync('/tmp/benchtry-')
const e = new BatchProcessingEngine({ workerCount: 2, processors: ['syntax'], stateDir: d + '/s', out: d + '/o.jsonl', discover: corpus.discover })
const t = performance.now(); const r = await e.processRepository(corpus.root); await e.close(); console.log('ours', performance.now() - t, r.peakRssMb)
rmSync(d, { recursive: true })
