// The connection test: everything that a sync reads, by the sync's own client, each with a sentence for the owner.
import type { CanonicalTransaction, Check, LocalizedText, MappedRecord, Session } from '#crm/contract.ts'
import { both, createChecklist, paidIn, type Probe, READABLE, SAMPLE_MAX } from '#crm/kit/check.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { addDays, localDate, localDateTime } from '#lib/time.ts'
import { type Cloud, createCloud, type Found, isTooMuch, type Span } from '#crm/iiko/cloud.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { mapOrder } from '#crm/iiko/map.ts'
import { MESSAGES } from '#crm/iiko/messages.ts'
import { chooseOrganizations, terminalsOf, toRestaurant, zoneOf } from '#crm/iiko/restaurants.ts'
import type { TerminalGroup } from '#crm/iiko/schema.ts'
import { type ScanContext, type Scanned, scanDays } from '#crm/iiko/scan.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const DAY_MS = 86_400_000

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
  const sample = await feeds(session, { cloud, restaurants, probe })
  await extras({ cloud, restaurants, probe }, groups)
  const [first] = restaurants
  const account = {
    externalId: ids.join(','),
    name: organizations.map(({ name, id }) => name || id).join(', '),
    timezone: zoneAt(ids[0] ?? ''),
    currency: first?.currency ?? null,
  }
  return { account, capabilities, sample }
}

interface CheckContext {
  readonly cloud: Cloud
  readonly restaurants: readonly Restaurant[]
  readonly probe: Probe
}

/** The lists that a sync needs, and up to three sales as it would store them. */
async function feeds(
  session: Session<Settings>,
  { cloud, restaurants, probe }: CheckContext,
): Promise<CanonicalTransaction[]> {
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
  const orders = lists?.rows.map((row) => mapOrder(row, restaurants, session.settings)) ?? []
  const receipts = await hallSales(session, { cloud, restaurants: [first, ...others], probe })
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

/** Sales at the till of yesterday and today. */
async function hallSales(
  session: Session<Settings>,
  { cloud, restaurants, probe }: CheckContext & { readonly restaurants: readonly [Restaurant, ...Restaurant[]] },
): Promise<readonly MappedRecord[]> {
  if (!session.settings.server) {
    await probe(
      'hall_sales',
      false,
      async () => Promise.reject(new CrmError('rejected', { reason: 'hall_unseen' })),
      both,
    )
    return []
  }
  const today = localDate(session.clock.now(), restaurants[0].timezone)
  const scan = { session, cloud, restaurants, columns: null, hasWorked: false }
  const scanned = await probe(
    'hall_sales',
    true,
    async () => recentReceipts(scan, today),
    ({ records }) => ({
      en: `iikoServer answers; ${records.length} receipts since yesterday.`,
      ru: `iikoServer отвечает; чеков со вчерашнего дня: ${records.length}.`,
    }),
  )
  return scanned?.records ?? []
}

/** Since yesterday, or of today alone when those are too many. */
async function recentReceipts(scan: ScanContext, today: string): Promise<Scanned> {
  try {
    return await scanDays(scan, { from: addDays(today, -1), to: today })
  } catch (error) {
    if (!isTooMuch(error)) throw error
    return scanDays(scan, { from: today, to: today })
  }
}

/** Capabilities that are not required. */
async function extras({ cloud, restaurants, probe }: CheckContext, groups: readonly TerminalGroup[]): Promise<void> {
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
      async () => cloud.sections(groupIds),
      (sections) => {
        const tables = sections.reduce((sum, section) => sum + section.tables.length, 0)
        return { en: `Readable; ${tables} tables.`, ru: `Доступны; столов: ${tables}.` }
      },
    )
  }
}

async function aliveOf(cloud: Cloud, ids: readonly string[], groupIds: readonly string[]) {
  const states = await cloud.areAlive(ids, groupIds)
  const alive = states.filter(Boolean).length
  if (states.length > 0 && alive === 0) throw new CrmError('unavailable', { reason: 'terminals_offline' })
  return { alive, all: states.length }
}
