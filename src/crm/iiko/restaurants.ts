// The restaurants that the API key opens and the settings name, with what an order does not contain: currency, zone,
// tables.
import type { LeftOut, Session } from '#crm/contract.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { keptForDay } from '#crm/kit/kept.ts'
import { currencyOf } from '#lib/money.ts'
import { localDateTime, timeZoneOf } from '#lib/time.ts'
import type { Cloud } from '#crm/iiko/cloud.ts'
import type { Outlets, Restaurant } from '#crm/iiko/cursor.ts'
import type { Organization, PaymentType, TerminalGroup } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** The name of their capability in the connection test. */
export const TABLE_ORDERS = 'table_orders'
const NOTHING = { value: null, error: null }

/** Throws CrmError `forbidden` when the key opens no restaurant, or not all that the settings name. */
export function chooseOrganizations(
  granted: readonly Organization[],
  { organizationIds }: Settings,
): readonly Organization[] {
  const missing = organizationIds.find((organizationId) => !granted.some(({ id }) => id === organizationId))
  if (granted.length === 0) throw new CrmError('forbidden', { reason: 'no_organizations' })
  if (missing !== undefined) {
    throw new CrmError('forbidden', { reason: 'organization_missing', params: { organization: missing } })
  }
  return organizationIds.length === 0 ? granted : granted.filter(({ id }) => organizationIds.includes(id))
}

/** The restaurants with their zones, tables and payment types, which change rarely. */
export async function openOutlets(
  session: Session<Settings>,
  cloud: Cloud,
  known: Outlets | null,
): Promise<{ readonly outlets: Outlets; readonly leftOut: readonly LeftOut[] }> {
  let leftOut: readonly LeftOut[] = []
  const readAll = async () => {
    const chosen = await readOrganizations(session, cloud)
    const read = await readOutlets(
      cloud,
      chosen.organizations.map(({ id }) => id),
      known,
    )
    leftOut = read.leftOut
    return { ...chosen, ...read.outlets }
  }
  const outlets = await keptForDay(session, known, readAll)
  // Of a key that opens no others, reports show those that are added to it, and the settings may not choose them.
  const isComplete = outlets !== known || outlets.isPart || session.settings.organizationIds.length === 0
  return { outlets: isComplete ? outlets : { ...outlets, ...(await readOrganizations(session, cloud)) }, leftOut }
}

async function readOrganizations({ settings }: Session<Settings>, cloud: Cloud) {
  const granted = await cloud.organizations()
  const organizations = [...chooseOrganizations(granted, settings)]
  return { organizations, isPart: organizations.length < granted.length }
}

async function readOutlets(cloud: Cloud, organizationIds: readonly string[], known: Outlets | null) {
  const groups = await terminalsOf(cloud, organizationIds)
  const groupIds = groups.map(({ id }) => id)
  const { value: sections, error: refusal } =
    groups.length > 0 ? await attempt(async () => cloud.sections(groupIds)) : NOTHING
  if (refusal && !isRefused(refusal)) throw refusal
  // Without reserves a restaurant has no plan of tables, which is no refusal of its orders.
  const isForbidden = refusal?.kind === 'forbidden'
  const tablesOf = (own: readonly TerminalGroup[]) => {
    const ids = new Set(own.map(({ id }) => id))
    return (sections ?? []).filter(({ terminalGroupId }) => ids.has(terminalGroupId)).flatMap(({ tables }) => tables)
  }
  const outlets = organizationIds.map((organizationId) => {
    const own = groups.filter((group) => group.organizationId === organizationId)
    const tableIds = isForbidden ? (known?.of[organizationId]?.tableIds ?? []) : tablesOf(own).map(({ id }) => id)
    return [organizationId, { timezone: zoneOf(own), tableIds }] as const
  })
  const { paymentTypes, error } = await paymentTypesOf(cloud, organizationIds)
  const leftOut = [
    ...(error ? [{ list: 'payment_types', error }] : []),
    ...(isForbidden ? [{ list: TABLE_ORDERS, error: refusal }] : []),
  ]
  return { outlets: { of: Object.fromEntries(outlets), paymentTypes }, leftOut }
}

/** Kinds by ids in lower case. Empty, with the reason, when the key may not read them: orders name kinds too. */
export async function paymentTypesOf(cloud: Cloud, organizationIds: readonly string[]) {
  const { value, error } = await attempt(async () => cloud.paymentTypes(organizationIds))
  if (error && !isRefused(error)) throw error
  return { paymentTypes: kindsById(value ?? []), error }
}

export function kindsById(types: readonly PaymentType[]): Readonly<Record<string, string>> {
  const kinds = types.flatMap(({ id, paymentTypeKind }): [string, string][] =>
    id === null || paymentTypeKind === '' ? [] : [[id.toLowerCase(), paymentTypeKind]],
  )
  return Object.fromEntries(kinds)
}

/** Empty when the key may not read them: then the zone of the settings or of the business is used. */
export async function terminalsOf(cloud: Cloud, organizationIds: readonly string[]): Promise<TerminalGroup[]> {
  return (await orNone(async () => cloud.terminalGroups(organizationIds))) ?? []
}

/** Null when the key may not read it; for reads that are optional. */
export async function orNone<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (isRefused(error)) return null
    throw error
  }
}

export function isRefused(error: unknown): error is CrmError {
  return error instanceof CrmError && (error.kind === 'rejected' || error.kind === 'forbidden')
}

/**
 * The zone comes from the settings, else from the restaurant, else from the business; the currency from the restaurant,
 * else from the business.
 */
export function toRestaurant(session: Session<Settings>, organization: Organization, own: string | null): Restaurant {
  const { settings, fallback, clock } = session
  const currency = currencyOf(organization.currencyIsoName) ?? fallback.currency
  const timezone =
    settings.timezone ?? (own === null ? fallback.timezone : namedZone(own, fallback.timezone, clock.now()))
  return {
    id: organization.id,
    name: organization.name || null,
    currency,
    callingCode:
      String(organization.countryPhoneCode ?? '').replaceAll(/\D/g, '') || callingCodeOf({ currency, timezone }),
    timezone,
  }
}

/**
 * Terminals send an offset (`03:00:00`), which has no summer time. The business's zone is used when it has the same
 * offset now.
 */
function namedZone(zone: string, named: string, now: Date): string {
  return localDateTime(now, zone) === localDateTime(now, named) ? named : zone
}

/** The first zone among the terminals of a restaurant. */
export function zoneOf(groups: readonly TerminalGroup[]): string | null {
  for (const { timeZone } of groups) {
    const [, sign, time] = /^([+-]?)(\d\d:\d\d)(?::\d\d)?$/.exec(timeZone) ?? []
    const zone = time === undefined ? timeZoneOf(timeZone) : `${sign || '+'}${time}`
    if (zone !== null) return zone
  }
  return null
}

export function nonEmpty<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new CrmError('forbidden', { reason: 'no_organizations' })
  return [first, ...rest]
}
