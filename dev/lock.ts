// One start at a time in a folder. The lock is a listening socket: it ends with its process, however that ends, so
// there is no stale lock and no process id that is another's by now.
import { createHash } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Lock = { readonly release: () => void } | { readonly heldBy: number }

/** The folder must exist. `heldBy` is the process id of the start that works in it. */
export async function lockFolder(directory: string): Promise<Lock> {
  const path = socketOf(realpathSync(directory))
  for (;;) {
    const server = await listen(path)
    if (server) return { release: () => void server.close() }
    const heldBy = await holderOf(path)
    if (heldBy !== null) return { heldBy }
    // Nobody answers: a file that a killed start has left. Sockets without a file leave none.
    rmSync(path, { force: true })
  }
}

/** Linux has sockets that are a name without a file. */
function socketOf(directory: string): string {
  const name = `crm-integrations-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

/** Null: another process listens there, or did. */
async function listen(path: string): Promise<Server | null> {
  const server = createServer((socket) => socket.end(String(process.pid)))
  return new Promise((settle, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? settle(null) : reject(error)))
    server.listen(path, () => {
      server.unref()
      settle(server)
    })
  })
}

async function holderOf(path: string): Promise<number | null> {
  return new Promise((settle) => {
    let text = ''
    const socket = connect(path)
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => void (text += chunk))
    socket.once('error', () => settle(null))
    socket.once('end', () => settle(Number(text)))
  })
}
