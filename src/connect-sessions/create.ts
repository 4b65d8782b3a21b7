// A connect session: a right that a product gives to one person, for one business and a short time.
import { sql } from 'drizzle-orm'
import type { PgInsertValue } from 'drizzle-orm/pg-core'
import { auditLines, namesOf } from '#audit/statements.ts'
import { isProductOrigin, isProductPage } from '#config.ts'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { violatedConstraint } from '#db/errors.ts'
import { connectSessions } from '#db/schema/connect-sessions.ts'
import { findIntegration } from '#integrations/queries.ts'
import { type FieldError, Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import type { Scope } from '#lib/scopes.ts'
import { type ConnectSession, type CreateConnectSession, SESSION_MINUTES } from '#connect-sessions/schema.ts'
import { mintSessionId } from '#connect-sessions/id.ts'
import { mintSessionToken } from '#connect-sessions/token.ts'

export interface NewSession {
  readonly request: CreateConnectSession
  /** Null: an admin who names an integration alone. */
  readonly businessId: string | null
  readonly subject: string
  readonly scopes: readonly Scope[]
  /** Of the service. */
  readonly serviceOrigin: string
}

/** Throws Problem: `invalid_request`, `origin_not_allowed`, `not_found` (no such business or integration). */
export async function createConnectSession(context: Context, session: NewSession): Promise<ConnectSession> {
  const { request, subject, scopes } = session
  checkRequest(context, request)
  const { integrationId = null, returnUrl = null, origin = null, language = null, crmTypes = null } = request
  const businessId = await businessOf(context, session)
  const row = {
    id: await mintSessionId(context),
    businessId,
    integrationId,
    subject,
    scopes: [...scopes],
    crmTypes,
    returnUrl,
    origin,
    language,
  }
  const permissions = [...new Set(request.permissions)]
  const expiresAt = sql`now() + interval '1 minute' * ${request.ttlMinutes}::int`
  const made = await insert(context, { ...row, permissions, expiresAt }, request)
  if (!made) throw new Problem('internal')
  const { id } = made
  const until = isoInstant(made.expiresAt)
  const token = await mintSessionToken(context, { sessionId: id, step: 'link' }, until)
  const url = new URL(permissions.includes('connect') ? '/connect' : '/app', session.serviceOrigin)
  url.searchParams.set('s', id)
  url.hash = `token=${token}`
  return { id, token, url: url.href, expiresAt: until }
}

async function insert(context: Context, values: PgInsertValue<typeof connectSessions>, request: CreateConnectSession) {
  const { db } = context
  const { id, businessId, integrationId, expiresAt } = connectSessions
  const made = db.insert(connectSessions).values(values).returning({ id, expiresAt })
  const change = { action: 'connect_session.created', changes: namesOf(request) } as const
  const subject = sql`select ${businessId}, ${integrationId} from ${connectSessions} where ${id} = ${values.id}::uuid`
  try {
    const [[row]] = await db.batch([made, db.execute(auditLines(context, change, subject))])
    return row ?? null
  } catch (error) {
    // The business, or the integration that was there a moment ago.
    throw violatedConstraint(error) === null ? error : new Problem('not_found', { cause: error })
  }
}

async function businessOf(context: Context, { request, businessId }: NewSession): Promise<string> {
  if (request.integrationId === undefined) {
    if (businessId !== null) return businessId
    throw new Problem('not_found')
  }
  const row = await findIntegration(context.db, request.integrationId, businessId)
  if (!row) throw new Problem('not_found')
  return row.businessId
}

function checkRequest({ config }: Context, { integrationId, ttlMinutes, returnUrl, origin }: CreateConnectSession) {
  if (integrationId === undefined && ttlMinutes > SESSION_MINUTES) {
    throw new Problem('invalid_request', { errors: [{ path: 'ttlMinutes', code: 'too_large', message: TOO_LONG }] })
  }
  const errors: FieldError[] = []
  if (returnUrl !== undefined && !isProductPage(config, returnUrl)) errors.push(notOurs('returnUrl'))
  if (origin !== undefined && !isProductOrigin(config, origin)) errors.push(notOurs('origin'))
  if (errors.length > 0) throw new Problem('origin_not_allowed', { errors })
}

function notOurs(path: string): FieldError {
  return { path, code: 'not_allowed', message: NOT_OURS }
}

const NOT_OURS: LocalizedText = {
  en: 'must be of an origin in CORS_ORIGINS',
  ru: 'должен быть адресом из CORS_ORIGINS',
}
const TOO_LONG: LocalizedText = {
  en: `may be more than ${SESSION_MINUTES} with integrationId only`,
  ru: `больше ${SESSION_MINUTES} можно только вместе с integrationId`,
}
