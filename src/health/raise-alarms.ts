// Sends alarms to the operator: a message when one is raised and one when it is over. Which were sent is in the
// database, so a worker that dies or a receiver that does not answer neither loses one nor repeats it at every tick.
import { sql } from 'drizzle-orm'
import { outboundPolicy } from '#config.ts'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { engineHealth } from '#health/engine-health.ts'
import { ALARMS } from '#health/alarms.ts'
import { ALARM_CODES } from '#health/schema.ts'
import { refuseAddress } from '#lib/egress-policy.ts'

/** An alarm that is not raised for so long is over: one that comes and goes with the ticks would be sent each time. */
const OVER_MINUTES = 3
/** Longer than a receiver may take: then another tick sends what this one did not. */
const SENDING_SECONDS = 60
const TIMEOUT_MS = 15_000

interface Unsent extends Record<string, unknown> {
  readonly id: string
  readonly code: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly is_opening: boolean
}

/** Returns how many messages were sent. Does nothing where `ALERT_WEBHOOK_URL` is not set. */
export async function raiseAlarms(context: Context): Promise<number> {
  if (context.config.alertWebhookUrl === null) return 0
  const { alarms } = await engineHealth(context, 'en')
  const unsent = await recordAlarms(
    context,
    alarms.map(({ code }) => code),
  )
  const sent = await Promise.all(unsent.map(async (alarm) => send(context, alarm)))
  return sent.filter(Boolean).length
}

/** Opens and closes alarms by what is raised now. Returns what has to be sent, which is this worker's for a minute. */
async function recordAlarms({ db }: Context, codes: readonly string[]): Promise<readonly Unsent[]> {
  const [, , unsent] = await db.batch([
    db.execute(sql`
      insert into alarms (code) select jsonb_array_elements_text(${JSON.stringify(codes)}::jsonb)
      on conflict (code) where closed_at is null do update set last_seen_at = now()`),
    db.execute(sql`
      update alarms set closed_at = now()
      where closed_at is null and last_seen_at < now() - ${OVER_MINUTES}::int * interval '1 minute'`),
    db.execute<Unsent>(sql`
      update alarms set sending_until = now() + ${SENDING_SECONDS}::int * interval '1 second' where id in (
        select id from alarms where closed_sent_at is null and (opened_sent_at is null or closed_at is not null)
          and (sending_until is null or sending_until < now())
        order by opened_at for update skip locked)
      returning id, code, opened_at, closed_at, opened_sent_at is null as is_opening`),
  ])
  return unsent.rows
}

async function send(context: Context, alarm: Unsent): Promise<boolean> {
  const text = JSON.stringify(messageOf(alarm))
  if (!(await post(context, text))) return false
  const column = sql.raw(alarm.is_opening ? 'opened_sent_at' : 'closed_sent_at')
  await context.db.execute(sql`
    update alarms set ${column} = now(), sending_until = null where id = ${alarm.id}::uuid and ${column} is null`)
  return true
}

/** In both languages, since nobody says which one the operator reads. Chats show `text`. */
function messageOf({ id, code, opened_at: openedAt, closed_at: closedAt, is_opening: isOpening }: Unsent) {
  const known = ALARM_CODES.find((one) => one === code)
  const said = known === undefined ? { en: code, ru: code } : ALARMS[known]
  return {
    text: isOpening ? `🔴 ${code}: ${said.en}\n${said.ru}` : `🟢 ${code}: over / закончилось. ${said.en}\n${said.ru}`,
    ...{ id, code, status: isOpening ? 'opened' : 'closed', openedAt: isoInstant(openedAt) },
    closedAt: isOpening || closedAt === null ? null : isoInstant(closedAt),
  }
}

/** False: the receiver did not take it, and a later tick sends it again. */
async function post({ config, fetch, log }: Context, body: string): Promise<boolean> {
  const url = config.alertWebhookUrl ?? ''
  const refusal = refuseAddress(url, outboundPolicy(config))
  if (refusal) {
    log.error('alert_refused', { refusal })
    return false
  }
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      body,
    })
    await answer.body?.cancel()
    if (!answer.ok) log.error('alert_failed', { status: answer.status })
    return answer.ok
  } catch {
    // The error may quote the URL, which is a secret.
    log.error('alert_failed', { status: null })
    return false
  }
}
