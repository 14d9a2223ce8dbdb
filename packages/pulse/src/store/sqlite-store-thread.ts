import { parentPort, workerData } from 'node:worker_threads'
import { StoreDatabase } from './store-database.ts'
import { writeFailure } from './store-failure.ts'
import { packError, type StoreReply, type StoreRequest } from './store-protocol.ts'

// The thread of a store: it answers each question when its effect is durable, one after the other.

const { file } = workerData as { readonly file: string }

function answer(work: () => StoreReply): void {
  let reply: StoreReply
  try {
    reply = work()
  } catch (error) {
    reply = { type: 'failed', failure: packError(writeFailure(error, file)) }
  }
  parentPort?.postMessage(reply)
}

answer(() => {
  const db = new StoreDatabase(file)
  const replyTo = (request: StoreRequest): StoreReply => {
    if (request.type === 'letters') return { type: 'letters', letters: db.deadLetters(request.limit) }
    if (request.type === 'commit') {
      const failures = db.commit(request.group)
      return { type: 'kept', failures: failures.map((failure) => failure && packError(failure)) }
    }
    db[Symbol.dispose]()
    return { type: 'closed' }
  }
  parentPort?.on('message', (request: StoreRequest) => {
    answer(() => replyTo(request))
    if (request.type === 'close') parentPort?.close()
  })
  return { type: 'state', state: db.read() }
})
