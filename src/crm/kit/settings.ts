// The members of `additionalConfig` that most connectors have. Their texts stand in crm/form.ts, those of others in the
// form of their connector: `meta` only says what a form does not.
import * as z from 'zod'
import { isCurrency } from '#lib/money.ts'
import { canonicalZone, isTimeZone } from '#lib/time.ts'

/** `missing`: the message when a required zone is left out. */
export function timeZone(missing?: string) {
  return z
    .string(missing)
    .refine(isTimeZone, 'expected an IANA time zone such as Europe/Moscow')
    .overwrite(canonicalZone)
}

export const currency = z.string().refine(isCurrency, 'expected an ISO 4217 code such as RUB')
/** How many days the first sync reads back: a season by default, ten years at most. */
export const initialDays = z.int().min(1).max(3650).default(90)
/** For connectors whose vendor sends hooks. The schedule reads it (`sync_every` in migrations/0003_runs.sql). */
export const adaptive = z.boolean().default(false)
