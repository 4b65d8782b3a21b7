// The connection test: everything that a sync reads, by the sync's own client, each with a sentence for the owner.
import type { CanonicalTransaction, Check, LocalizedText, MappedRecord, Session } from '#crm/contract.ts'
import { createChecklist, paidIn, type Probe, READABLE, SAMPLE_MAX } from '#crm/kit/check.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { addDays, localDate, localDateTime } from '#lib/time.ts'
import { type Cloud, createCloud, type Found, isTooMuch, type Span } from '#crm/iiko/cloud.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { isTooBroad, NO_HALL, type Source, withReportsOf } from '#crm/iiko/hall.ts'
import { mapOrder, type Rules } from '#crm/iiko/map.ts'
import { MESSAGES } from '#crm/iiko/messages.ts'
import { REPORTS } from '#crm/iiko/refusal.ts'
import { chooseOrganizations, kindsById, terminalsOf, toRestaurant, zoneOf } from '#crm/iiko/restaurants.ts'
import type { TerminalGroup } from '#crm/iiko/schema.ts'
import { type Scanned, scanDays } from '#crm/iiko/scan.ts'
import type { Settings } from '#crm/iiko/settings.ts'
import { both } from '#lib/localized.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const ACCEPTED: LocalizedText = { en: 'The API key is accepted.', ru: 'API-ключ принят.' }

export async function check(session: Session<Settings>): Promise<Check> {
  const cloud = createCloud(session)
  const { capabilities, capability, probe } = createChecklist(MESSAGES)
  const { value: all, error: refused } = await attempt(cloud.organizations)
  // The key is good when anything could be read with it.
  capabilities.push(capability('credentials', refused ?? ACCEPTED))
  if (refused) return { account: null, capabilities, sample: [] }
  const organizations = await probe(
    'organizations',
    true,
    async () => chooseOrganizations(all, session.settings),
    (granted) => both(granted.map(({ name, id }) => name || id).join(', ')),
  )
  if (!organizations) return { account: null, capabilities, sample: [] }
  const ids = organizations.map(({ id }) => id)
  const groups = await terminalsOf(cloud, ids)
  const zoneAt = (id: string) => zoneOf(groups.filter(({ organizationId }) => organizationId === id))
  const restaurants = organizations.map((organization) => toRestaurant(session, organization, zoneAt(organization.id)))
  const types = await probe(
    'payment_types',
    false,
    async () => cloud.paymentTypes(ids),
    () => READABLE,
  )
  const rules = { ...session.settings, paymentTypes: kindsById(types ?? []) }
  const isPart = organizations.length < all.length
  const sample = await feeds(session, { cloud, restaurants, rules, isPart, probe })
  await extras({ cloud, restaurants, rules, isPart, probe }, groups, session.clock.now())
  const [first] = restaurants
  const account = {
    externalId: ids.join(','),
    name: organizations.map(({ name, id }) => name || id).join(', '),
    timezone: zoneAt(ids[0] ?? ''),
    currency: first?.currency ?? null,
  }
  const locations = restaurants.map(({ id, name, timezone }) => ({ externalId: id, name: name ?? id, timezone }))
  return { account, locations, capabilities, sample }
}

interface CheckContext {
  readonly cloud: Cloud
  readonly restaurants: readonly Restaurant[]
  readonly rules: Rules
  /** The key opens other restaurants too. */
  readonly isPart: boolean
  readonly probe: Probe
}

/** The lists that a sync needs, and up to three sales as it would store them. */
async function feeds(session: Session<Settings>, context: CheckContext): Promise<CanonicalTransaction[]> {
  const { cloud, restaurants, rules, probe } = context
  const [first, ...others] = restaurants
  if (!first) return []
  const ids = restaurants.map(({ id }) => id)
  const now = session.clock.now()
  const local = (date: Date) => localDateTime(date, first.timezone)
  const today = { from: local(new Date(now.getTime() - DAY_MS)), to: local(now) }
  const lists = await probe(
    'deliveries',
    true,
    async () => lastDay(cloud, ids, today),
    ({ rows }) => ({ en: `Readable; ${rows.length} in the last day.`, ru: `Доступны; за сутки: ${rows.length}.` }),
  )
  const revision = lists?.revision
  if (revision) {
    await probe(
      'changes',
      true,
      async () => cloud.changed(ids, revision),
      () => READABLE,
    )
  }
  const mapped = lists?.rows.map((row) => mapOrder(row, restaurants, rules)) ?? []
  const orders = mapped.filter((record) => record.type !== 'none')
  const receipts = await hallSales(session, { ...context, restaurants: [first, ...others] })
  return paidIn([...orders, ...receipts]).slice(0, SAMPLE_MAX)
}

/** The whole day of a chain may be too much for one answer. The sync reads it in parts, so it counts as readable. */
async function lastDay(cloud: Cloud, ids: readonly string[], today: Span): Promise<Found> {
  try {
    return await cloud.planned(ids, today)
  } catch (error) {
    if (isTooMuch(error)) return { rows: [], revision: null }
    throw error
  }
}

interface HallContext extends CheckContext {
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  readonly isPart: boolean
}

/**
 * Sales at the till of yesterday and today: from the cloud's reports where the key may read them, else from iikoServer.
 */
async function hallSales(session: Session<Settings>, context: HallContext): Promise<readonly MappedRecord[]> {
  const { value, error } = await attempt(async () => recentReceipts(session, context, 'cloud'))
  const hasServer = session.settings.server !== undefined
  if (value?.isUnmatched) {
    const unknown = new CrmError('rejected', { reason: 'outlets_unknown' })
    await context.probe(REPORTS, false, async () => Promise.reject(unknown), both)
    return []
  }
  if (value) {
    await context.probe(REPORTS, false, async () => value, foundIn('cloud', hasServer))
    return value.records
  }
  if (hasServer) {
    const read = async () => recentReceipts(session, context, 'server')
    return (await context.probe(REPORTS, true, read, foundIn('server')))?.records ?? []
  }
  const unseen = new CrmError('rejected', { reason: 'hall_unseen' })
  const isAway = error?.kind === 'unavailable' || error?.kind === 'rate_limited'
  await context.probe(REPORTS, false, async () => Promise.reject(isAway ? error : unseen), both)
  return []
}

async function recentReceipts(session: Session<Settings>, context: HallContext, source: Source): Promise<Scanned> {
  const { cloud, restaurants, rules, isPart } = context
  const today = localDate(session.clock.now(), restaurants[0].timezone)
  const withReports = withReportsOf(source, session, cloud, NO_HALL)
  const scan = {
    session,
    cloud,
    restaurants,
    rules,
    withReports,
    columns: null,
    outlets: new Map<string, string>(),
    since: null,
  }
  const ofDays = async (from: string) =>
    scanDays({ ...scan, isPart: source === 'cloud' && isPart }, { from, to: today })
  try {
    return await ofDays(addDays(today, -1))
  } catch (error) {
    // The sync reads it in parts.
    if (!isTooBroad(error)) throw error
    return ofDays(today)
  }
}

/** `hasOther`: iikoServer is set up too. */
function foundIn(source: Source, hasOther = false) {
  return ({ records, outlets }: Scanned): LocalizedText => {
    const names = [...outlets.values()].filter(Boolean).join(', ')
    const at = names && ` (${names})`
    const count = records.length
    if (source === 'server') {
      return {
        en: `iikoServer shows them; ${count} receipts since yesterday${at}. iiko’s cloud does not with this key.`,
        ru: `Показывает iikoServer; чеков со вчерашнего дня: ${count}${at}. Облако iiko с этим ключом их не показывает.`,
      }
    }
    const unused = hasOther ? { en: ' iikoServer is not needed.', ru: ' iikoServer не нужен.' } : { en: '', ru: '' }
    return {
      en: `iiko’s cloud shows them; ${count} receipts since yesterday${at}.${unused.en}`,
      ru: `Показывает облако iiko; чеков со вчерашнего дня: ${count}${at}.${unused.ru}`,
    }
  }
}

/** Capabilities that are not required. */
async function extras(
  { cloud, restaurants, probe }: CheckContext,
  groups: readonly TerminalGroup[],
  now: Date,
): Promise<void> {
  const ids = restaurants.map(({ id }) => id)
  if (groups.length > 0) {
    const groupIds = groups.map(({ id }) => id)
    await probe(
      'terminals',
      false,
      async () => aliveOf(cloud, ids, groupIds),
      ({ alive, all }) => ({
        en: `${alive} of ${all} tills are online.`,
        ru: `Касс на связи: ${alive} из ${all}.`,
      }),
    )
    await probe(
      'table_orders',
      false,
      async () => tablesOf(cloud, restaurants, { groupIds, now }),
      (tables) => ({ en: `Readable; ${tables} tables.`, ru: `Доступны; столов: ${tables}.` }),
    )
  }
}

/** How many tables there are. The list of them and the orders at them are two rights. */
async function tablesOf(
  cloud: Cloud,
  restaurants: readonly Restaurant[],
  { groupIds, now }: { readonly groupIds: readonly string[]; readonly now: Date },
): Promise<number> {
  const tableIds = (await cloud.sections(groupIds)).flatMap(({ tables }) => tables.map(({ id }) => id))
  const ids = restaurants.map(({ id }) => id)
  const local = (date: Date) => localDateTime(date, restaurants[0]?.timezone ?? 'UTC')
  const hour = { from: local(new Date(now.getTime() - HOUR_MS)), to: local(now) }
  if (tableIds.length > 0) await cloud.atTables(ids, tableIds.slice(0, 1), hour)
  return tableIds.length
}

async function aliveOf(cloud: Cloud, ids: readonly string[], groupIds: readonly string[]) {
  const states = await cloud.areAlive(ids, groupIds)
  const alive = states.filter(Boolean).length
  if (states.length > 0 && alive === 0) throw new CrmError('unavailable', { reason: 'terminals_offline' })
  return { alive, all: states.length }
}
