// The connection test: every list the sync will read, by the sync's own client, each with a sentence for the owner.
import type { Account, Check, LocalizedText, MappedRecord, Session } from '#crm/contract.ts'
import {
  createChecklist,
  customersIn,
  paidIn,
  phoneCapability,
  type Probe,
  READABLE,
  SAMPLE_MAX,
} from '#crm/kit/check.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { currencyOf } from '#lib/money.ts'
import { accountZone, factsOf, toAccountContext } from '#crm/amo_crm/account-context.ts'
import { createClient, type PageAt, type Range, type Rows } from '#crm/amo_crm/client.ts'
import { DELETIONS } from '#crm/amo_crm/feeds.ts'
import { MESSAGES } from '#crm/amo_crm/messages.ts'
import { readFewer } from '#crm/amo_crm/page-size.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { invoiceRecords, leadRecords, purchaseRecords } from '#crm/amo_crm/records.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'
import { createSideLists, mainSource } from '#crm/amo_crm/side-lists.ts'
import { both } from '#lib/localized.ts'

const SAMPLE_ROWS = 50
const DAY_SECONDS = 86_400

const ACCEPTED: LocalizedText = { en: 'The access is accepted.', ru: 'Доступ принят.' }
const PHONES = {
  visible: { en: 'Contacts’ phones are visible.', ru: 'Телефоны контактов видны.' },
  hidden: {
    en: 'No contact shows a phone: sales arrive, but cannot be matched to a customer by phone. Fill in the field “Phone”, and give the user the right to see contacts.',
    ru: 'Ни у одного контакта не виден телефон: продажи придут, но без телефона. Заполняйте поле «Телефон» и дайте пользователю право видеть контакты.',
  },
}

export async function check(session: Session<Settings>): Promise<Check> {
  const client = createClient(session)
  const { capabilities, capability, probe } = createChecklist(MESSAGES)
  const { value: account, error } = await attempt(client.account)
  // The token is good when the account answers, and wrong only when the vendor says so.
  capabilities.push(capability('credentials', error ?? ACCEPTED))
  capabilities.push(capability('account', error ?? both(account.name || account.id)))
  if (!account) return { account: null, capabilities, sample: [] }
  const context = { session, client, account: toAccountContext(session, factsOf(account)), sides: createSideLists() }
  const { sources } = session.settings
  const records: MappedRecord[] = []
  if (sources.includes('leads')) records.push(...(await probeLeads(context, probe)))
  if (sources.includes('purchases')) records.push(...(await probePurchases(context, probe)))
  if (sources.includes('invoices')) records.push(...(await probeInvoices(context, probe)))
  capabilities.push(...phoneCapability(customersIn(records), PHONES))
  const report: Account = {
    externalId: account.id,
    name: account.name,
    timezone: accountZone(account),
    currency: currencyOf(account.currency),
  }
  return { account: report, capabilities, sample: paidIn(records).slice(0, SAMPLE_MAX) }
}

async function probeLeads(context: PullContext, probe: Probe): Promise<readonly MappedRecord[]> {
  const { client } = context
  const newest = async (page: number) => readFewer(SAMPLE_ROWS, async (rows) => client.newestLeads(page, rows))
  const leads = await probe('leads', true, async () => newest(1), shown)
  if (leads?.hasMore) await probe('leads_page_2', true, async () => newest(2), shown)
  const within = lately(context)
  const readable = () => READABLE
  const deleted = async () => firstPage(async (at) => client.binnedLeads(within, at))
  await probe('deleted_leads', false, deleted, readable)
  await probe('events', false, async () => firstPage(async (at) => client.events(DELETIONS, within, at)), readable)
  return leads ? probeContacts(context, probe, leads.rows) : []
}

/** Sales without people are sales, so the deals are mapped in any case. */
async function probeContacts(
  context: PullContext,
  probe: Probe,
  rows: readonly unknown[],
): Promise<readonly MappedRecord[]> {
  let records: readonly MappedRecord[] = []
  const read = async () => {
    records = await leadRecords(context, rows)
    const refused = context.sides.leftOut().find(({ list }) => list === 'contacts')
    if (refused) throw refused.error
  }
  await probe('contacts', false, read, () => READABLE)
  return records
}

async function probePurchases(context: PullContext, probe: Probe): Promise<readonly MappedRecord[]> {
  const { client, session, account } = context
  const read = async (): Promise<readonly MappedRecord[]> => {
    if (!account.hasCustomers) throw new CrmError('rejected', { reason: 'customers_off' })
    await firstPage(async (at) => client.customers(lately(context), at))
    return purchaseRecords(context, (await firstPage(client.purchases)).rows)
  }
  return (await probe('purchases', mainSource(session.settings) === 'purchases', read, count)) ?? []
}

async function probeInvoices(context: PullContext, probe: Probe): Promise<readonly MappedRecord[]> {
  const { client, session } = context
  const read = async (): Promise<readonly MappedRecord[]> => {
    const catalogId = await client.invoiceCatalog()
    if (catalogId === null) throw new CrmError('rejected', { reason: 'no_invoices' })
    const { rows } = await firstPage(async (at) => client.invoices(catalogId, at))
    return invoiceRecords(context, rows)
  }
  return (await probe('invoices', mainSource(session.settings) === 'invoices', read, count)) ?? []
}

function lately({ session }: PullContext): Range {
  const now = Math.floor(session.clock.now().getTime() / 1000)
  return { from: now - DAY_SECONDS, to: now }
}

async function firstPage(read: (at: PageAt) => Promise<Rows>): Promise<Rows> {
  return readFewer(SAMPLE_ROWS, async (rows) => read({ page: 1, rows }))
}

function shown({ rows, hasMore }: Rows): LocalizedText {
  const more = hasMore ? { en: ' and more', ru: ' и больше' } : { en: '', ru: '' }
  return { en: `Readable; ${rows.length}${more.en}.`, ru: `Доступно; ${rows.length}${more.ru}.` }
}

function count(records: readonly MappedRecord[]): LocalizedText {
  return {
    en: `Readable; ${records.length} on the first page.`,
    ru: `Доступно; на первой странице: ${records.length}.`,
  }
}
