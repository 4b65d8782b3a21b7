// The connection test: every list the sync will read, by the sync's own client, each with a sentence for the owner.
import type { Account, Check, LocalizedText, Session } from '#crm/contract.ts'
import { both, createChecklist, customersIn, paidIn, phoneCapability, SAMPLE_MAX } from '#crm/kit/check.ts'
import { readFewer } from '#crm/kit/in-halves.ts'
import { attempt } from '#lib/crm-error.ts'
import { currencyOf } from '#lib/money.ts'
import { addDays, localDate } from '#lib/time.ts'
import { companyZone, toAccountContext } from '#crm/yclients/account-context.ts'
import { createClient, type Rows } from '#crm/yclients/client.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { isSaleRevenue, mapSale, mapVisit, readOperation } from '#crm/yclients/map.ts'
import { MESSAGES } from '#crm/yclients/messages.ts'
import type { Settings } from '#crm/yclients/settings.ts'

const SAMPLE_ROWS = 50
const SAMPLE_DAYS = 30

const ACCEPTED: LocalizedText = { en: 'Both tokens are accepted.', ru: 'Оба токена приняты.' }
const PHONES = {
  visible: { en: 'Client phones are visible.', ru: 'Телефоны клиентов видны.' },
  hidden: {
    en: 'Client phones are hidden from this user: sales arrive, but cannot be matched to a customer by phone. Give the user the right to see phones.',
    ru: 'Телефоны клиентов скрыты от этого пользователя: продажи придут, но без телефона. Дайте пользователю право видеть телефоны.',
  },
}

export async function check(session: Session<Settings>): Promise<Check> {
  const client = createClient(session)
  const { capabilities, capability, probe } = createChecklist(MESSAGES)
  const { value: company, error } = await attempt(client.company)
  // The tokens are good when the company answers, and wrong only when the vendor says so.
  capabilities.push(capability('credentials', error ?? ACCEPTED))
  capabilities.push(capability('account', error ?? both(company.title || company.id)))
  if (!company) return { account: null, capabilities, sample: [] }
  const account = toAccountContext(session, company)
  const recordsOf = async (page: number) =>
    readFewer(SAMPLE_ROWS, async (count) => client.records(recordsQuery(session, account, { page, count })))
  const records = await probe('records', true, async () => recordsOf(1), found)
  if (records && (records.total ?? 0) > SAMPLE_ROWS) {
    await probe('records_page_2', true, async () => recordsOf(2), found)
  }
  const operations = await probe(
    'transactions',
    true,
    async () => readFewer(SAMPLE_ROWS, async (count) => client.transactions(salesQuery(session, account, count))),
    found,
  )
  const visits = (records?.rows ?? []).map((row) => mapVisit(row, account))
  const customers = customersIn(visits).filter(({ externalId }) => externalId !== null)
  capabilities.push(...phoneCapability(customers, PHONES))
  const report: Account = {
    externalId: session.settings.companyId,
    name: company.title,
    timezone: companyZone(company),
    currency: currencyOf(company.currency_short_title),
  }
  const sample = paidIn([...visits, ...salesIn(operations?.rows ?? [], account)])
  return { account: report, capabilities, sample: sample.slice(0, SAMPLE_MAX) }
}

function recordsQuery(
  session: Session<Settings>,
  account: AccountContext,
  at: { readonly page: number; readonly count: number },
) {
  const today = localDate(session.clock.now(), account.timezone)
  const days = { start_date: addDays(today, -SAMPLE_DAYS), end_date: today }
  return { ...days, ...at, with_deleted: 1, include_finance_transactions: 1 }
}

function salesQuery(session: Session<Settings>, account: AccountContext, count: number) {
  const today = localDate(session.clock.now(), account.timezone)
  return { start_date: addDays(today, -SAMPLE_DAYS), end_date: addDays(today, 1), page: 1, count }
}

function found({ rows, total }: Rows): LocalizedText {
  const count = total ?? rows.length
  return {
    en: `Readable; ${count} in the last ${SAMPLE_DAYS} days.`,
    ru: `Доступно; за ${SAMPLE_DAYS} дней: ${count}.`,
  }
}

function salesIn(rows: readonly unknown[], account: AccountContext) {
  return rows.map(readOperation).flatMap((operation) => {
    if ('type' in operation || !isSaleRevenue(operation)) return []
    return [mapSale(String(operation.document_id ?? 0), [operation], account)]
  })
}
