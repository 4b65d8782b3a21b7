// Chooses what counts as a sale (invoices, or visits where the key may not read invoices) and makes the plan.
import type { Session, Window } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isTooLarge } from '#lib/egress.ts'
import { addDays, localDate } from '#lib/time.ts'
import type { Query } from '#crm/renovatio/client.ts'
import { type Cursor, type Mode, planLive, planWindow, type Plan } from '#crm/renovatio/cursor.ts'
import { dayText } from '#crm/renovatio/forms.ts'
import { isClosed } from '#crm/renovatio/refusal.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createAccountContext, type AccountContext } from '#crm/renovatio/account-context.ts'

export async function makePlan(
  session: Session<Settings>,
  clinics: Plan['clinics'],
  cursor: Cursor | null,
  window?: Window,
): Promise<Plan> {
  const context = createAccountContext(session, clinics)
  const mode = await modeOf(context, cursor?.mode ?? null)
  const input = { session, zone: context.zone, clinics, mode }
  return window ? planWindow(window, input) : planLive(cursor, input)
}

/**
 * Invoices wherever they can be read. Once they were read, a lost right is an error: counting visits then would count
 * the same money twice. Throws CrmError.
 */
export async function modeOf(context: AccountContext, before: Mode | null): Promise<Mode> {
  if (before === 'invoices') return before
  try {
    await context.client.invoices(daysQuery(context, 0))
    return 'invoices'
  } catch (error) {
    // Whatever its size is, it can be read.
    if (isTooLarge(error)) return 'invoices'
    if (!isClosed(error) || (before === null && (await holdsInvoices(context.session)))) throw error
    return 'visits'
  }
}

/** The last days up to tomorrow: the last day of a query may mean its midnight. */
export function daysQuery({ session, zone }: AccountContext, daysBack: number): Query {
  const today = localDate(session.clock.now(), zone)
  return { date_from: dayText(addDays(today, -daysBack)), date_to: dayText(addDays(today, 1)) }
}

export async function holdsInvoices(session: Session<Settings>): Promise<boolean> {
  const ever = { from: '2000-01-01T00:00:00Z', to: new Date(session.clock.now().getTime() + 86_400_000).toISOString() }
  return (await session.storedIds({ prefix: 'invoice:', ...ever })).length > 0
}

/** Neither kind of sale can be read. */
export function nothingReadable(cause: unknown): CrmError {
  return new CrmError('forbidden', { reason: 'nothing_readable', cause })
}
