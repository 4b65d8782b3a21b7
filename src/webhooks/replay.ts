// Replays deliveries: after a fault of ours was fixed, or to be sure. A hook is only a hint where to read, so a replay
// does no harm.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import { isoInstant } from '#db/columns.ts'
import { Problem } from '#lib/errors.ts'
import { Instant } from '#lib/instant.ts'
import { enqueueInboxes } from '#queue/enqueue.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { isVisible, lockVisible, type TenantScope } from '#db/tenant.ts'
import { deliveryColumns, type DeliveryRow, presentDelivery, type WebhookDelivery } from '#webhooks/deliveries.ts'

/** Deliveries in one request: an update of well under a second. */
const RANGE_MAX = 2000

/** Deliveries that were not verified, not readable or not kept cannot be processed. */
const REPLAYABLE = sql`(d.kind = 'hook' and d.status in ('new','done','failed','rejected')
  and coalesce(d.reason, '') !~ '^(unverified|unreadable|too_large)' and (d.body is not null or d.hints is null or d.hints <> '[]'))`
const AGAIN = sql`status = 'new', reason = null, attempts = 0, due_at = now(), done_at = null, repeats = d.repeats + 1`

/** Null: no such delivery. Throws Problem `not_replayable`. */
export async function replayDelivery(
  context: Context,
  request: TenantScope & { readonly deliveryId: string; readonly language: keyof LocalizedText },
): Promise<WebhookDelivery | null> {
  const { integrationId, deliveryId, language } = request
  const isOurs = sql`d.id = ${deliveryId}::uuid and d.integration_id = i.id and ${isVisible(request)} and d.kind = 'hook'`
  const [, replayed, known] = await context.db.batch([
    context.db.execute(lockVisible(request)),
    context.db.execute<DeliveryRow>(sql`
      with again as (
        update webhook_deliveries d set ${AGAIN} from crm_integrations i where ${isOurs} and ${REPLAYABLE} returning d.*
      ), audited as (${auditLines(context, { action: 'webhooks.replayed' }, ofIntegrationsIn('again'))})
      select ${deliveryColumns} from again d join crm_integrations i on i.id = d.integration_id`),
    context.db.execute(sql`select d.id from webhook_deliveries d, crm_integrations i where ${isOurs}`),
  ])
  const [row] = replayed.rows
  if (row) {
    await enqueueInboxes(context, [integrationId])
    return presentDelivery(row, language)
  }
  if (known.rows.length === 0) return null
  throw new Problem('not_replayable', {
    detail: {
      en: 'It was unverified, unreadable or not about sales.',
      ru: 'Оно не прошло проверку, не читалось или было не о продажах.',
    },
  })
}

export const ReplayedRange = z
  .strictObject({
    replayed: z.int().nonnegative().meta({ description: 'How many wait to be processed again.' }),
    nextFrom: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Where the next request starts, when there were too many for one.' }),
  })
  .meta({ id: 'ReplayedRange', description: 'What a replay of a period began.' })

export const ReplayRange = z
  .strictObject({
    from: Instant.meta({ description: 'Received at or after this.' }),
    to: Instant.meta({ description: 'Received before this.' }),
    status: z.enum(['done', 'failed', 'rejected']).optional().meta({ description: 'Only these; all when left out.' }),
  })
  .meta({ id: 'ReplayRange', description: 'A period whose deliveries are processed again, the oldest 2,000 of them.' })
type ReplayRange = z.infer<typeof ReplayRange>

/** `d` is a row of webhook_deliveries. */
const CONDITIONS: Conditions<ReplayRange> = {
  from: (from) => sql`d.received_at >= ${from}::timestamptz`,
  to: (to) => sql`d.received_at < ${to}::timestamptz`,
  status: (status) => sql`d.status = ${status}`,
}

/** Oldest first. Null: no such integration. */
export async function replayRange(
  context: Context,
  request: TenantScope & ReplayRange,
): Promise<z.infer<typeof ReplayedRange> | null> {
  const [found, replayed] = await context.db.batch([
    context.db.execute(lockVisible(request)),
    context.db.execute<{ received_at: string }>(sql`
      with range as (
        select d.id from webhook_deliveries d join crm_integrations i on i.id = d.integration_id
        where ${isVisible(request)} and ${matches(request, CONDITIONS)} and ${REPLAYABLE}
        order by d.received_at, d.id limit ${RANGE_MAX}::int
      ), again as (
        update webhook_deliveries d set ${AGAIN} from range where d.id = range.id returning d.integration_id, d.received_at
      ), audited as (${auditLines(context, { action: 'webhooks.replayed' }, ofIntegrationsIn('again'))})
      select received_at from again`),
  ])
  if (found.rows.length === 0) return null
  const times = replayed.rows.map((row) => isoInstant(row.received_at)).toSorted()
  if (times.length > 0) await enqueueInboxes(context, [request.integrationId])
  return { replayed: times.length, nextFrom: times.length === RANGE_MAX ? (times.at(-1) ?? null) : null }
}
