// Counts the webhooks that are not answered with 200. Some vendors block an address that refuses one call in ten, in
// the end for good, and tell nobody; so the share stands in the health report (health/inbox-health.ts).
import { waitUntil } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'

/** A flood of 429 must stay cheap: one in so many is counted, as so many. */
const SAMPLED = 16
/** An answer of 503 means that the database was away. */
const AWAY_MS = 10_000

/** After the answer, so that nobody waits for it. */
export function countRefusal(context: Context, crmType: string, status: number): void {
  const weight = status === 429 ? SAMPLED : 1
  if (weight > 1 && context.random() * weight >= 1) return
  waitUntil(count(context, crmType, { status, weight }))
}

async function count(
  { db, clock, log }: Context,
  crmType: string,
  { status, weight }: { readonly status: number; readonly weight: number },
): Promise<void> {
  if (status === 503) await clock.sleep(AWAY_MS)
  try {
    await db.execute(sql`insert into webhook_refusals as r (crm_type, day, answers)
      values (${crmType}, current_date, ${weight}::int)
      on conflict (crm_type, day) do update set answers = r.answers + excluded.answers`)
  } catch (error) {
    log.warn('webhook_refusal_uncounted', { error, crmType, status })
  }
}
