// Asks a Worker for /healthz again and again, in a thread of its own, and beside each answer takes the time of a bare
// server in the same thread: what that takes is the machine's, not the Worker's.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const TIMEOUT_MS = 20_000

export interface Sample {
  readonly ms: number
  /** The same question to the bare server, asked at the same moment. */
  readonly controlMs: number
}

interface Probe {
  /** Ends the probing, and hands out all that was seen. */
  readonly stop: () => Promise<readonly Sample[]>
}

interface Settings {
  readonly url: string
  readonly everyMs: number
}

export function startProbe(url: string, everyMs: number): Probe {
  const thread = new Worker(import.meta.filename, { workerData: { url, everyMs } satisfies Settings })
  return {
    stop: async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
      thread.postMessage('stop')
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `probe` below posts
      const [samples] = (await once(thread, 'message')) as [readonly Sample[]]
      await thread.terminate()
      return samples
    },
  }
}

async function timed(url: string): Promise<number> {
  const startedAt = performance.now()
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    await answer.arrayBuffer()
    return answer.ok ? performance.now() - startedAt : Infinity
  } catch {
    return Infinity
  }
}

async function probe({ url, everyMs }: Settings): Promise<void> {
  const server = createServer((_, response) => response.end('{"status":"ok"}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const control = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
  const asked: Promise<Sample>[] = []
  const ask = async (): Promise<Sample> => {
    const [ms, controlMs] = await Promise.all([timed(`${url}/healthz`), timed(control)])
    return { ms, controlMs }
  }
  const timer = setInterval(() => void asked.push(ask()), everyMs)
  parentPort?.once('message', () => {
    clearInterval(timer)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
    void Promise.all(asked).then((samples) => parentPort?.postMessage(samples))
  })
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `startProbe` above gives
if (!isMainThread) await probe(workerData as Settings)
