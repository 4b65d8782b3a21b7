// The connection test: every list the sync will read, by the sync's own client, each with a sentence for the owner.
import type { Account, Check, LocalizedText, MappedRecord, Session } from '#crm/contract.ts'
import {
  both,
  createChecklist,
  customersIn,
  paidIn,
  phoneCapability,
  type Probe,
  READABLE,
  SAMPLE_MAX,
} from '#crm/kit/check.ts'
import { readFewer } from '#crm/kit/in-halves.ts'
import { attempt, CrmError } from '#lib/crm-error.ts'
import { currencyOf } from '#lib/money.ts'
import { accountZone, hasCustomers, toAccountContext } from '#crm/amo_crm/account-context.ts'
import { createClient, type PageAt, type Rows } from '#crm/amo_crm/client.ts'
import { MESSAGES } from '#crm/amo_crm/messages.ts'
import { invoiceRecords, leadRecords, purchaseRecords, type PullContext } from '#crm/amo_crm/records.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

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
  const context = { session, client, account: toAccountContext(session, account, null) }
  const records: MappedRecord[] = []
  const { sources } = session.settings
  if (sources.includes('leads')) records.push(...(await probeLeads(context, probe)))
  if (sources.includes('purchases')) records.push(...(await probePurchases(context, probe, hasCustomers(account))))
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
  const { client, session } = context
  const newest = async (page: number) => readFewer(SAMPLE_ROWS, async (rows) => client.newestLeads(page, rows))
  const leads = await probe('leads', true, async () => newest(1), shown)
  if (leads?.hasMore) await probe('leads_page_2', true, async () => newest(2), shown)
  const now = Math.floor(session.clock.now().getTime() / 1000)
  const lately = { from: now - DAY_SECONDS, to: now }
  await probe(
    'deleted_leads',
    false,
    async () => firstPage(async (at) => client.binnedLeads(lately, at)),
    () => READABLE,
  )
  if (!leads) return []
  const records = await probe(
    'contacts',
    true,
    async () => leadRecords(context, leads.rows),
    () => READABLE,
  )
  return records ?? []
}

async function probePurchases(context: PullContext, probe: Probe, isOn: boolean): Promise<readonly MappedRecord[]> {
  const read = async (): Promise<readonly MappedRecord[]> => {
    if (!isOn) throw new CrmError('rejected', { reason: 'customers_off' })
    return purchaseRecords(context, (await firstPage(context.client.purchases)).rows)
  }
  return (await probe('purchases', true, read, count)) ?? []
}

async function probeInvoices({ client, ...rest }: PullContext, probe: Probe): Promise<readonly MappedRecord[]> {
  const read = async (): Promise<readonly MappedRecord[]> => {
    const catalogId = await client.invoiceCatalog()
    if (catalogId === null) throw new CrmError('rejected', { reason: 'no_invoices' })
    const { rows } = await firstPage(async (at) => client.invoices(catalogId, at))
    return invoiceRecords({ client, ...rest }, rows)
  }
  return (await probe('invoices', true, read, count)) ?? []
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
