// What is changed in the database behind the service's back, and what has become of it.
import type { Service } from './service.ts'

type Kind = 'missing' | 'extra' | 'different'

export interface Tampered {
  readonly kind: Kind
  /** What a check has to name. */
  readonly fields: readonly string[]
  /** As it was before; of one that is added: null. */
  readonly before: State | null
  readonly left: State | null
  /** Where and when it was before. */
  readonly day: string
  readonly locationId: string | null
  /** Of an erased customer. */
  readonly isErased: boolean
  /** In a branch that the CRM does not show. */
  readonly isFrozen: boolean
}

/** What a check compares, and when the service has written it. */
export interface State {
  readonly status: string
  readonly amountMinor: number
  readonly occurredAt: number
  /** All else that a check compares. */
  readonly rest: string
  readonly updatedAt: number
}

interface Where {
  readonly from: string
  readonly to: string
  readonly frozen: string | null
  /** Sales of erased customers come first. */
  readonly erased: ReadonlySet<string>
  /** The CRM adds up a day as a whole, so its sales have to stay at one location. */
  readonly hasOneTotal: boolean
  readonly random: () => number
}

const SALES_MAX = 27

interface Row {
  readonly external_id: string
  readonly location: string | null
  readonly day: string
}

/** The days are those of each location. A sale is also moved out of the days that are checked. */
export async function tamper(service: Service, id: string, where: Where): Promise<Map<string, Tampered>> {
  const shuffled = (await paidSales(service, id, where))
    .map((row) => ({ row, at: where.random() - (where.erased.has(row.external_id) ? 1 : 0) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row)
  const isFrozen = ({ location }: Row) => location !== null && location === where.frozen
  const inPlace = ACTS.filter(({ fields }) => !fields.includes('location'))
  const changes = [
    ...changesOf(shuffled.filter((row) => !isFrozen(row)).slice(0, SALES_MAX), where.hasOneTotal ? inPlace : ACTS),
    // One at another location would not be of the frozen branch any more.
    ...changesOf(shuffled.filter(isFrozen).slice(0, inPlace.length), inPlace),
  ]
  const tampered = new Map<string, Tampered>()
  for (const change of changes) tampered.set(...(await tamperOne(service, id, change, where)))
  return tampered
}

interface Change {
  readonly row: Row
  readonly act: Act
}

function changesOf(rows: readonly Row[], acts: readonly Act[]): Change[] {
  return rows.flatMap((row, at) => {
    const act = acts[at % acts.length]
    return act ? [{ row, act }] : []
  })
}

/** Not orders that iiko's cloud lists no more, of which the day's receipts tell: they alone have no prefix. */
async function paidSales(service: Service, id: string, { from, to }: Where): Promise<readonly Row[]> {
  return service.query<Row>(`
    select t.external_id, t.location_external_id as location, x.day::text
    from crm_integrations i join businesses b on b.id = i.business_id
      join crm_transactions t on t.integration_id = i.id
      left join lateral (
        select l ->> 'timezone' as zone from jsonb_array_elements(i.account -> 'locations') l
        where l ->> 'externalId' = t.location_external_id limit 1) z on true
      cross join lateral (
        select (t.occurred_at at time zone coalesce(i.additional_config ->> 'timezone', z.zone, b.timezone))::date as day
      ) x
    where i.id = '${id}' and t.status = 'paid' and x.day between '${from}' and '${to}'
      and (t.external_id like '%:%' or t.occurred_at > now() - interval '6 days 12 hours') order by t.external_id`)
}

interface Act extends Pick<Tampered, 'kind' | 'fields'> {
  /** `named`: the id of a sale that is added. */
  readonly statement: (of: string, named: string) => string
}

const set = (field: string, change: string): Act => ({
  ...{ kind: 'different', fields: [field] },
  statement: (of) => `update crm_transactions set ${change} where ${of}`,
})

/** Each field that a check compares of a sale that is paid, but for the currency, which is the business's. */
const ACTS: readonly Act[] = [
  { kind: 'missing', fields: [], statement: (of) => `delete from crm_transactions where ${of}` },
  {
    ...{ kind: 'extra', fields: [] },
    statement: (of, named) => `
      insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, items, location_external_id, change_seq, seen_seq, settings_epoch)
      select business_id, integration_id, '${named}', kind, status, amount_minor, currency, occurred_at, items,
        location_external_id, change_seq, seen_seq, settings_epoch from crm_transactions where ${of}`,
  },
  set('status', `status = 'cancelled'`),
  set('amountMinor', `amount_minor = amount_minor + 100`),
  set('occurredAt', `occurred_at = occurred_at - interval '1 day'`),
  set('kind', `kind = case kind when 'sale' then 'refund' else 'sale' end`),
  set('customer', `customer_external_id = 'another'`),
  set('items', `items = '[{"externalId": null, "name": "?", "quantity": 1, "amountMinor": 1}]'`),
  set('location', `location_external_id = 'elsewhere'`),
]

async function tamperOne(
  service: Service,
  id: string,
  { row: { external_id: externalId, location, day }, act: { kind, fields, statement } }: Change,
  where: Where,
): Promise<[string, Tampered]> {
  const named = kind === 'extra' ? ghostOf(externalId) : externalId
  const before = (await statesOf(service, id, [named])).get(named) ?? null
  const of = `integration_id = '${id}' and external_id = '${externalId}'`
  await service.query(statement(of, named))
  const tampered = {
    ...{ kind, fields, day, locationId: location, before },
    left: (await statesOf(service, id, [named])).get(named) ?? null,
    isErased: where.erased.has(externalId),
    isFrozen: location !== null && location === where.frozen,
  }
  return [named, tampered]
}

/** An id of the same form that no object has. */
function ghostOf(externalId: string): string {
  const guid = /[\da-f]{8}(?=-[\da-f]{4}-)/
  return guid.test(externalId) ? externalId.replace(guid, 'fffffff9') : `${externalId}99`
}

interface StateRow {
  readonly external_id: string
  readonly status: string
  readonly amount: number
  readonly occurred: number
  readonly rest: string
  readonly updated: number
}

/** Of those that are stored. */
export async function statesOf(
  service: Service,
  id: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, State>> {
  const ids = externalIds.map((externalId) => `'${externalId}'`).join(', ')
  const rows = await service.query<StateRow>(`
    select external_id, status, amount_minor::float8 as amount, extract(epoch from occurred_at)::float8 as occurred,
      jsonb_build_array(kind, customer_external_id, items, location_external_id)::text as rest,
      extract(epoch from updated_at)::float8 as updated
    from crm_transactions where integration_id = '${id}' and external_id in (${ids})`)
  return new Map(
    rows.map(({ external_id: externalId, status, amount, occurred, rest, updated }) => [
      externalId,
      { status, amountMinor: amount, occurredAt: occurred * 1000, rest, updatedAt: updated * 1000 },
    ]),
  )
}

/** What was changed is undone; what was added is cancelled. */
export function isAsBefore({ before, kind }: Tampered, now: State | undefined): boolean {
  if (kind === 'extra') return now?.status === 'cancelled'
  return now !== undefined && before !== null && isSame(before, now)
}

export function isAsLeft({ left }: Tampered, now: State | undefined): boolean {
  return left === null || now === undefined ? left === null && now === undefined : isSame(left, now)
}

function isSame(one: State, other: State): boolean {
  return (['status', 'amountMinor', 'occurredAt', 'rest'] as const).every((field) => one[field] === other[field])
}
