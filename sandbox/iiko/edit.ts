// What can be done to the café while it runs (`POST /_sandbox/edit`).
import * as z from 'zod'
import { type Cafe, line, type Line } from '#sandbox/iiko/cafe.ts'
import type { IikoSandbox } from '#sandbox/iiko/state.ts'

export const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['sell', 'ring', 'table']), rubles: z.number() }),
  /** Of orders. `bonus`: so much of it is paid with iiko's own bonuses. */
  z.object({ do: z.enum(['cancel', 'reopen', 'delete']), id: z.string() }),
  z.object({ do: z.literal('bonus'), id: z.string(), rubles: z.number() }),
  /** Of receipts. `open`: it is open again; `guest`: a second guest beside the first. */
  z.object({ do: z.enum(['return', 'vanish', 'open', 'guest']), id: z.string() }),
  /** Of either: a paid modifier. */
  z.object({ do: z.literal('modify'), id: z.string() }),
  /** The cloud's own reports: whether the key may read them, and whether the restaurant's server makes them. */
  z.object({ do: z.literal('reports'), are: z.enum(['open', 'refused', 'failing', 'silent']) }),
  /** How iikoServer's login answers. */
  z.object({ do: z.literal('token'), form: z.enum(['bare', 'xml', 'json']) }),
])

export function edit({ cafe, cloud, server }: IikoSandbox, input: z.infer<typeof Edit>): unknown {
  switch (input.do) {
    case 'sell':
    case 'ring':
    case 'table':
      return { id: add(cafe, input.do, Math.round(input.rubles * 100)) }
    case 'cancel':
      cafe.touch(Object.assign(cafe.get(input.id), { status: 'Cancelled' }))
      return { id: input.id }
    case 'reopen':
      cafe.touch(Object.assign(cafe.get(input.id), { status: 'Delivered', closedAt: null }))
      return { id: input.id }
    case 'delete':
      cafe.touch(Object.assign(cafe.get(input.id), { isDeleted: true }))
      return { id: input.id }
    case 'bonus':
      cafe.touch(cafe.get(input.id)).payments.push({ kind: 'IikoCard', kopecks: Math.round(input.rubles * 100) })
      return { id: input.id }
    case 'return':
      return { id: cafe.giveBack(input.id).id }
    case 'vanish':
      cafe.vanish(input.id)
      return { id: input.id }
    case 'open':
      receiptOf(cafe, input.id).isOpen = true
      return { id: input.id }
    case 'guest':
      receiptOf(cafe, input.id).others = [{ phone: '+79009999999', name: 'Второй гость', card: null }]
      return { id: input.id }
    case 'modify':
      modify(cafe, input.id)
      return { id: input.id }
    case 'reports':
      if (input.are === 'refused') cloud.denied.add('reports')
      else cloud.denied.delete('reports')
      cloud.rms = input.are === 'failing' || input.are === 'silent' ? input.are : 'ok'
      return input
    case 'token':
      server.tokenForm = input.form
      return input
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}

function add(cafe: Cafe, kind: 'sell' | 'ring' | 'table', kopecks: number): string {
  const lines = [line('00000060-0000-4000-8000-000000000001', 'Пицца', kopecks)]
  if (kind === 'ring') return cafe.ring(cafe.now(), lines).id
  return cafe.sell({ at: cafe.now(), lines, kind: kind === 'table' ? 'table' : 'delivery' }).id
}

function receiptOf(cafe: Cafe, id: string) {
  const receipt = cafe.receipts.get(id)
  if (!receipt) throw new Error(`no receipt ${id}`)
  return receipt
}

function modify(cafe: Cafe, id: string): void {
  const isReceipt = cafe.receipts.has(id)
  const [first]: Line[] = isReceipt ? receiptOf(cafe, id).lines : cafe.touch(cafe.get(id)).lines
  if (first) first.modifiers = [{ id: '00000080-0000-4000-8000-000000000001', title: 'Сыр', kopecks: 8000 }]
}
