// The one-time ticket of a browser that came from a vendor's marketplace. It holds what the vendor's address said,
// under a MAC of ours, so that a call which anybody may make stores nothing. The database knows those that were used.
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Arrival } from '#crm/marketplace.ts'
import { signText } from '#crypto/address-key.ts'
import { isEqual } from '#crypto/equal.ts'

/** As long as the vendor waits for us. */
const TICKET_SECONDS = 60 * 60
const RANDOM_BYTES = 16

const Content = z.strictObject({
  brand: z.string(),
  branchIds: z.array(z.string()).min(1),
  userId: z.string().nullable(),
  expires: z.number(),
  random: z.string(),
})

export interface Ticket extends Arrival {
  readonly brand: string
  readonly isExpired: boolean
}

export async function mintTicket(context: Context, arrival: Arrival & { readonly brand: string }): Promise<string> {
  const { brand, branchIds, userId } = arrival
  const expires = Math.floor(context.clock.now().getTime() / 1000) + TICKET_SECONDS
  const random = base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))
  const content: z.infer<typeof Content> = { brand, branchIds: [...branchIds], userId, expires, random }
  const text = base64url(new TextEncoder().encode(JSON.stringify(content)))
  return `${text}.${await macOf(context, text)}`
}

/** Null: it is none of ours. */
export async function readTicket(context: Context, ticket: string): Promise<Ticket | null> {
  const [text = '', mac = ''] = ticket.split('.')
  if (!(await isEqual(mac, await macOf(context, text)))) return null
  const { expires, ...content } = Content.parse(
    JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet: 'base64url' }))),
  )
  return { ...content, isExpired: expires * 1000 <= context.clock.now().getTime() }
}

async function macOf(context: Context, text: string): Promise<string> {
  return base64url(await signText(await context.addressKey(), `install:${text}`))
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}
