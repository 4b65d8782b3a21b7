import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** As long as what a killed start has left needs to end. */
const TAKEN_MS = 3000
const POLL_MS = 100
const NO_LOOPBACK = new Set(['EADDRNOTAVAIL', 'ENETUNREACH', 'EHOSTUNREACH'])

/**
 * Systems take the local ends of connections from 32768 or 49152 on. A port from there may be one of these by the time
 * that somebody listens on it.
 */
const PORTS = { from: 20_000, to: 32_000 } as const

/** A port on the loopback that nobody listens on at this moment. Fails where none can be listened on. */
export async function freePort(): Promise<number> {
  const port = randomInt(PORTS.from, PORTS.to)
  const code = await listenError(port)
  if (code === null) return port
  if (code === 'EADDRINUSE') return freePort()
  throw new Error(describeListenError(code, port))
}

/** False when something listens on the port already. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenError(port)) === null
}

/** Why the port cannot be listened on, as a sentence for its `PORT`; null when it can. */
export async function portProblem(port: number): Promise<string | null> {
  const deadline = Date.now() + TAKEN_MS
  let code = await listenError(port)
  while (code === 'EADDRINUSE' && Date.now() < deadline) {
    await sleep(POLL_MS)
    code = await listenError(port)
  }
  return code === null ? null : describeListenError(code, port)
}

export function describeListenError(code: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return `PORT: something else listens on ${port}; choose another, for example PORT=8790 npm start`
  }
  if (code === 'EACCES') {
    return `PORT: this user may not listen on ${port}; choose one from 1024 on, for example PORT=8790 npm start`
  }
  if (NO_LOOPBACK.has(code)) {
    return 'This machine has no loopback network (127.0.0.1), and everything here talks over it. Switch it on: ip link set lo up'
  }
  return `PORT: ${port} cannot be listened on (${code})`
}

async function listenError(port: number): Promise<string | null> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
    const settleWith = (code: string | null) => server.close(() => settle(code))
    // Where the loopback is down one may listen, but nobody gets there.
    server.listen(port, '127.0.0.1', () => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', (error: NodeJS.ErrnoException) => settleWith(error.code ?? error.message))
      socket.once('connect', () => {
        socket.destroy()
        settleWith(null)
      })
    })
  })
}
