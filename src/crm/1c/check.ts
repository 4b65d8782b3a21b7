// The connection test: the publication, each document, and the catalogs that documents refer to, read by the sync's own
// code.
import type { Account, Capability, Check, MappedRecord, Session } from '#crm/contract.ts'
import { capabilityIn, customersIn, paidIn, phoneCapability, READABLE, SAMPLE_MAX } from '#crm/kit/check.ts'
import { readFewer } from '#crm/kit/fewer-at-once.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { isPersonalKey } from '#lib/mask.ts'
import {
  createContext,
  leftOutOf,
  mapRows,
  type OpenedSets,
  openSets,
  probe,
  type PullContext,
} from '#crm/1c/account-context.ts'
import { createClient } from '#crm/1c/client.ts'
import { EMPTY, planLive } from '#crm/1c/cursor.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { type Row, textOf } from '#crm/1c/fields.ts'
import { operationOf } from '#crm/1c/map.ts'
import { MESSAGES } from '#crm/1c/messages.ts'
import { walkOf } from '#crm/1c/scan.ts'
import { baseUrl } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'
import { startOf, step } from '#crm/1c/walk.ts'

const SAMPLE_ROWS = 20
const VALUES_SHOWN = 5
/** 1C names them like variables, without spaces. */
const OPERATION = /^[\p{L}_][\p{L}\p{N}_]{0,79}$/u

const PHONES = {
  visible: { en: 'Client phones are visible.', ru: 'Телефоны клиентов видны.' },
  hidden: {
    en: 'No client in the sample has a phone. Fill in the contact information in 1C; where card numbers are phones, switch on “A card’s number is the phone”.',
    ru: 'Ни у одного клиента в примерах нет телефона. Заполните контактную информацию в 1С; если номер карты и есть телефон, включите «Номер карты — это телефон».',
  },
}

const capability = capabilityIn(MESSAGES)

export async function check(session: Session<Settings>): Promise<Check> {
  const client = createClient(session)
  const { value: opened, error } = await attempt(async () => openSets(session, client))
  const capabilities = ['credentials', 'publication'].map((name) => capability(name, error ?? READABLE))
  if (!opened) return { account: null, capabilities, sample: [] }
  const context = createContext(session, client, opened)
  const records: MappedRecord[] = []
  let unreadable: CrmError | null = null
  for (const spec of opened.specs) {
    const { value: rows, error: refused } = await attempt(async () => readSample(context, opened, spec))
    capabilities.push(capability(spec.entitySet, refused ?? READABLE))
    const mapped = await attempt(async () => mapRows(context, spec, rows ?? []))
    records.push(...(mapped.value ?? []))
    unreadable ??= mapped.error
  }
  capabilities.push(unreadable ? capability('catalogs', unreadable) : catalogs(context))
  capabilities.push(...phoneCapability(customersIn(records), PHONES))
  return { account: accountOf(session), capabilities, sample: paidIn(records).slice(0, SAMPLE_MAX) }
}

/**
 * Some rows show the fields. Then comes the sync's own query, with its second page where there is one. Throws CrmError.
 */
async function readSample(context: PullContext, { catalogs }: OpenedSets, spec: DocumentSpec): Promise<readonly Row[]> {
  const { session, client } = context
  const documents = [{ entitySet: spec.entitySet, select: await probe(client, spec) }]
  const plan = planLive(session, EMPTY, {
    on: '2000-01-01',
    documents,
    catalogs: [...catalogs],
    refused: [],
  })
  const [task] = plan.tasks
  if (!task) return []
  const walk = walkOf(context, plan, task, spec)
  const start = startOf(walk, session.settings.serverFilter ? null : 0)
  const rows = await readFewer(Math.min(SAMPLE_ROWS, walk.sizeMax), async (size) => {
    const first = await step(walk, { ...start, size })
    const second = first.next && (await step(walk, { ...first.next, size }))
    return [...first.rows, ...(second?.rows ?? [])]
  })
  checkOperations(spec, rows)
  return rows
}

/** If the operation of no row is known, the base has other values than the settings. Throws CrmError `rejected`. */
function checkOperations({ entitySet, kind }: DocumentSpec, rows: readonly Row[]): void {
  if (typeof kind === 'string' || kind.sale.length === 0 || rows.length === 0) return
  // A kind of the settings leaves out whatever it does not name, so all left out is as good as unknown.
  const isKnown = (operation: ReturnType<typeof operationOf>) =>
    operation !== null && (kind.other !== undefined || operation !== 'other')
  if (rows.some((row) => isKnown(operationOf(row, kind)))) return
  const known = new Set(rows.map((row) => textOf(row[kind.field])).filter((value) => mayShow(kind.field, value)))
  const values = [...known].slice(0, VALUES_SHOWN).join(', ') || '…'
  throw new CrmError('rejected', {
    reason: 'operations_unknown',
    params: { set: entitySet, field: kind.field, values },
  })
}

/** Settings may name any field: only the name of an enumeration's value is shown, no customer. */
function mayShow(field: string, value: string): boolean {
  return !isPersonalKey(field) && OPERATION.test(value)
}

/** Without the catalogs sales still arrive, but without their customers and names. */
function catalogs({ references }: PullContext): Capability {
  const [refused] = leftOutOf(references.refused())
  if (refused) return capability('catalogs', refused.error, false)
  const names = references.unpublished()
  if (names.length === 0) return capability('catalogs', READABLE)
  const error = new CrmError('not_found', { reason: 'unpublished', params: { set: names.join(', ') } })
  return capability('catalogs', error, false)
}

/** OData does not tell the name of a base, so its address stands for it. */
function accountOf({ apiUrl, settings: { timezone, currency } }: Session<Settings>): Account {
  const { host, pathname } = new URL(baseUrl(apiUrl))
  const last = pathname.split('/').findLast(Boolean)
  // Unlike decodeURI, this accepts any text.
  const name = last && new URLSearchParams(`name=${last}`).get('name')
  return { externalId: apiUrl, name: name || host, timezone, currency: currency ?? null }
}
