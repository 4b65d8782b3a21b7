// The days that a caller names for a check, a repair or the calendar.
import * as z from 'zod'
import type { Context } from '#context.ts'
import { sql } from 'drizzle-orm'
import { connectorOf } from '#crm/registry.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { addDays } from '#lib/time.ts'

const EXPECTED = 'expected a day such as 2026-01-31'
/** A year that has a leap day. */
export const CHECK_DAYS_MAX = 366
/** As in the summary: a year and a month. */
export const LISTED_DAYS_MAX = 400

export const Day = z.iso.date(EXPECTED).refine((day) => day.startsWith('2'), 'expected a year from 2000 to 2999')

const EMPTY: LocalizedText = {
  en: 'the period is empty: `from` must not be after `to`',
  ru: 'период пуст: `from` не должен быть позже `to`',
}

interface Days {
  readonly from: string
  readonly to: string
}

/** Throws Problem `invalid_request` or `range_too_large`. `path`: where the days stand in the request. */
export function requirePeriod(
  { from, to }: Days,
  { path, most }: { readonly path: string; readonly most: number },
): void {
  if (from > to) throw new Problem('invalid_request', { errors: [{ path, code: 'not_allowed', message: EMPTY }] })
  if (addDays(from, most - 1) >= to) return
  const detail = { en: `At most ${most} days at once.`, ru: `Не больше ${most} дней за раз.` }
  throw new Problem('range_too_large', { detail })
}

/** Null: no such integration. Throws Problem `check_not_possible`: there is no CRM that could show a day again. */
export async function requireCrm(context: Context, scope: TenantScope): Promise<CrmType | null> {
  const { rows } = await context.db.execute<{ crm_type: CrmType }>(
    sql`select i.crm_type from crm_integrations i where ${isVisible(scope)}`,
  )
  const [row] = rows
  if (!row) return null
  if (!connectorOf(row.crm_type).capabilities.backfill) {
    throw new Problem('check_not_possible', {
      detail: {
        en: 'These sales come from files, so there is no CRM that they could be compared with.',
        ru: 'Эти продажи загружены из файлов: нет CRM, с которой их можно сверить.',
      },
    })
  }
  return row.crm_type
}
