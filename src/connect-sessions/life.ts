import { sql } from 'drizzle-orm'
import { Problem, type ProblemOptions } from '#lib/errors.ts'
import { SESSION_MINUTES } from '#connect-sessions/schema.ts'

/** The end of a session `s` that is being used: from its first use on, the life of a link is that of any session. */
export const shortLife = sql`case when s.first_used_at is null
  then least(s.expires_at, now() + interval '1 minute' * ${SESSION_MINUTES}::int) else s.expires_at end`

const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' }

/** Over by its time, by DELETE, with its business or integration, or opened in another browser. */
export function sessionEnded(): Problem {
  return new Problem('session_ended', {
    detail: {
      en: 'This link has been opened already, or its time is over. Ask for a new one.',
      ru: 'Эту ссылку уже открывали, или её срок истёк. Попросите новую.',
    },
    headers: CHALLENGE,
  })
}

export const NO_SUCH_TOKEN: ProblemOptions = {
  detail: { en: 'This is no token of a session.', ru: 'Это не токен сеанса.' },
  headers: CHALLENGE,
}
