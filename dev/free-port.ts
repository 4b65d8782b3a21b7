import { createServer } from 'node:net'

/** A port on the loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((settle, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', settle)
  })
  const address = server.address()
  await new Promise((settle) => {
    server.close(settle)
  })
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** False when something listens on the port already. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', () => settle(false))
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)))
  })
}
