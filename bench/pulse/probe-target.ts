import { createServer } from 'node:net'

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok')

/** Something to be checked, in a process of its own: answers whatever comes as fast as Node can, and reports its port; asked for anything, how often it has answered. */
let answered = 0
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', () => {
    answered++
    socket.write(ANSWER)
  })
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.send?.(address.port)
})
process.on('message', () => process.send?.(answered))
process.on('disconnect', () => process.exit())
