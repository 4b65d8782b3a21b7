// The live heap of a Worker's isolate, through the inspector of wrangler: what is left after a collection. Resident
// memory holds garbage as well, and the stand-ins for queue, files and limits that live in the same process.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1)
const Answer = z.object({ id: z.int(), result: z.object({ usedSize: z.number() }) })
const USAGE = 3
const CALLS = ['HeapProfiler.enable', 'HeapProfiler.collectGarbage', 'Runtime.getHeapUsage']

interface HeapWatch {
  /** MiB so far. */
  readonly samples: readonly number[]
  readonly stop: () => Promise<void>
}

export function watchHeap(inspectorUrl: string, everyMs: number): HeapWatch {
  const samples: number[] = []
  const state = { isStopping: false }
  const watching = (async () => {
    while (!state.isStopping) {
      samples.push(await liveHeap(inspectorUrl))
      await sleep(everyMs)
    }
  })()
  return {
    samples,
    stop: async () => {
      state.isStopping = true
      await watching
    },
  }
}

async function liveHeap(inspectorUrl: string): Promise<number> {
  const targets = Targets.parse(await (await fetch(`${inspectorUrl}/json`)).json())
  // wrangler lets pages of this machine in.
  const options: unknown = { headers: { origin: 'http://localhost' } }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node takes these, the types know browsers only
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '', options as string[])
  try {
    await once(socket, 'open')
    const usage = new Promise<number>((settle) => {
      socket.addEventListener('message', ({ data }) => {
        const { data: answer } = Answer.safeParse(JSON.parse(String(data)))
        if (answer?.id === USAGE) settle(answer.result.usedSize / 2 ** 20)
      })
    })
    for (const [index, method] of CALLS.entries()) socket.send(JSON.stringify({ id: index + 1, method }))
    return await usage
  } finally {
    socket.close()
  }
}
