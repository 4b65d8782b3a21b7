// A browser opens the link of a session. The first one to do so has the session from then on: the token of the link is
// void, so that a link that was forwarded, or stands in a letter, opens nothing a second time.
import { sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { sha256 } from '#crypto/digest.ts'
import { hexBytes } from '#db/bytea.ts'
import { isoInstant } from '#db/columns.ts'
import type { connectSessions } from '#db/schema/connect-sessions.ts'
import { Problem } from '#lib/errors.ts'
import { NO_SUCH_TOKEN, sessionEnded, shortLife } from '#connect-sessions/life.ts'
import { mintSessionToken, readSessionToken } from '#connect-sessions/token.ts'
import type { OpenConnectSession, OpenedConnectSession } from '#connect-sessions/schema.ts'

type Columns = typeof connectSessions.$inferSelect

interface OpenedRow extends Record<string, unknown> {
  id: string
  business_id: string
  name: string
  timezone: string
  currency: string
  expires_at: string
  integration_id: string | null
  permissions: Columns['permissions']
  crm_types: Columns['crmTypes']
  return_url: string | null
  origin: string | null
  language: Columns['language']
}

/** The same browser may repeat it. Throws Problem: `unauthenticated`, `session_ended` (also in another browser). */
export async function openConnectSession(
  context: Context,
  { token, browserSecret }: OpenConnectSession,
): Promise<OpenedConnectSession> {
  const read = await readSessionToken(context, token)
  if (read === 'invalid') throw new Problem('unauthenticated', NO_SUCH_TOKEN)
  if (read === 'expired' || read.step !== 'link') throw sessionEnded()
  const hash = hexBytes(await sha256(browserSecret))
  const actor = { ...context.actor, subject: `session:${read.sessionId}`, scope: 'session' }
  const first = sql`select business_id, integration_id from opened where is_first`
  const { rows } = await context.db.execute<OpenedRow>(sql`
    with known as (
      select s.id, s.browser_hash is null as is_first from connect_sessions s where s.id = ${read.sessionId}::uuid
    ), opened as (
      update connect_sessions s set browser_hash = ${hash}::bytea, first_used_at = coalesce(s.first_used_at, now()),
        expires_at = ${shortLife}
      from known k where s.id = k.id and s.ended_at is null and s.expires_at > now()
        and (s.browser_hash is null or s.browser_hash = ${hash}::bytea)
      returning s.*, k.is_first
    ), audited as (${auditLines({ actor }, { action: 'connect_session.opened' }, first)})
    select o.id, o.business_id, b.name, b.timezone, b.currency, o.expires_at, o.integration_id, to_json(o.permissions) as permissions,
      to_json(o.crm_types) as crm_types, o.return_url, o.origin, o.language
    from opened o join businesses b on b.id = o.business_id`)
  const [row] = rows
  if (!row) throw sessionEnded()
  const expiresAt = isoInstant(row.expires_at)
  return {
    id: row.id,
    token: await mintSessionToken(context, { sessionId: row.id, step: 'page' }, expiresAt),
    expiresAt,
    business: { id: row.business_id, name: row.name, timezone: row.timezone, currency: row.currency },
    integrationId: row.integration_id,
    permissions: row.permissions,
    crmTypes: row.crm_types,
    returnUrl: row.return_url,
    origin: row.origin,
    language: row.language,
  }
}
