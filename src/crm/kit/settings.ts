// The members of `additionalConfig` that most connectors have.
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
export const adaptive = z
  .boolean()
  .default(false)
  .meta({
    title: 'Poll less often while webhooks arrive',
    description:
      'While webhooks arrive, syncs come every 15 to 60 minutes. When one is missed, they come at the set interval again.',
    'x-ru': {
      title: 'Реже опрашивать, пока приходят вебхуки',
      description:
        'Пока приходят вебхуки, синхронизация идёт раз в 15–60 минут. Если вебхук не пришёл, она снова идёт с заданным интервалом.',
    },
  })
