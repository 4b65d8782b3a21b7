// Uploaded files that name a customer. A file cannot be kept without its rows, since their ids come from what stands in
// them, so it is deleted. One that a run is reading is deleted by that run's end.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { filesOf } from '#connections/file-store.ts'
import type { Needles } from '#erasure/texts.ts'
import { ACTIVE } from '#runs/states.ts'

export interface ErasedUploads {
  readonly deleted: number
  readonly inUse: number
}

export async function eraseUploads(context: Context, integrationId: string, needles: Needles): Promise<ErasedUploads> {
  let [deleted, inUse] = [0, 0]
  for (const key of await filesOf(context, integrationId)) {
    const object = await context.files.get(key)
    const body: ReadableStream<Uint8Array> | undefined = object?.body
    if (!body || !(await isNamed(body, needles))) continue
    if (await isRead(context, integrationId)) inUse += 1
    else {
      await context.files.delete(key)
      deleted += 1
    }
  }
  return { deleted, inUse }
}

async function isRead({ db }: Context, integrationId: string): Promise<boolean> {
  const { rows } = await db.execute(sql`
    select from sync_runs r where r.integration_id = ${integrationId}::uuid and r.status in ${ACTIVE} limit 1`)
  return rows.length > 0
}

/** In any encoding that has ASCII in it: what is searched for is nothing else. */
async function isNamed(body: ReadableStream<Uint8Array>, { digits, words }: Needles): Promise<boolean> {
  const longest = Math.max(...[...digits, ...words].map(({ length }) => length), 1)
  let [numbers, text] = ['', '']
  for await (const chunk of body) {
    // Zeros stand between the letters of UTF-16.
    const plain = new TextDecoder('latin1').decode(chunk).replaceAll('\0', '').toLowerCase()
    text += plain
    numbers += plain.replaceAll(/\D/g, '')
    if (digits.some((digit) => numbers.includes(digit)) || words.some((word) => text.includes(word))) return true
    text = text.slice(-longest)
    numbers = numbers.slice(-longest)
  }
  return false
}
