/** HTTP servers that cost as little as they can, on loopback addresses of their own. Started by `targets.ts`. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { addressOf, type TargetsPlan, type TargetsWord } from './targets.ts'

const ANSWER = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')
const BACKLOG = 4096

const { hosts, moody } = JSON.parse(process.argv[2]!) as TargetsPlan
let isHanging = false
const port = await listen(0, 0)
for (let host = 1; host < hosts; host++) await listen(host, port)
process.on('message', (word: { readonly isHanging: boolean }) => {
  isHanging = word.isHanging
  tell({ isHanging })
})
process.on('disconnect', () => process.exit())
tell({ port })

async function listen(host: number, at: number): Promise<number> {
  const server: Server = createServer({ noDelay: true }, host < moody ? moodily : steadily)
  server.listen({ host: addressOf(host), port: at, backlog: BACKLOG })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : at
}

function steadily(socket: Socket): void {
  socket.on('data', answer).on('error', ignore)
}

function moodily(socket: Socket): void {
  socket.on('data', answerUnlessHanging).on('error', ignore)
}

function answer(this: Socket): void {
  this.write(ANSWER)
}

function answerUnlessHanging(this: Socket): void {
  if (!isHanging) this.write(ANSWER)
}

/** Whoever asks hangs up by a reset. */
function ignore(): void {}

function tell(word: TargetsWord): void {
  process.send!(word)
}
