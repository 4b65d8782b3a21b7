// The connection test: every list the sync will read, by the sync's own client, each with a sentence for the owner. Of
// several branches each becomes one capability.
import type { Account, CanonicalTransaction, Capability, Check, LocalizedText, Session } from '#crm/contract.ts'
import {
  type Checklist,
  createChecklist,
  customersIn,
  paidIn,
  phoneCapability,
  READABLE,
  SAMPLE_MAX,
} from '#crm/kit/check.ts'
import { readFewer } from '#crm/kit/fewer-at-once.ts'
import { attempt } from '#lib/crm-error.ts'
import { currencyOf } from '#lib/money.ts'
import { addDays, localDate } from '#lib/time.ts'
import { companyZone, factsOf, toAccountContext } from '#crm/yclients/account-context.ts'
import { createClient, type Rows } from '#crm/yclients/client.ts'
import { completeSale, completeVisit, DOCUMENTS, openDocuments } from '#crm/yclients/documents.ts'
import { groupSales, type PullContext } from '#crm/yclients/feeds.ts'
import { MESSAGES } from '#crm/yclients/messages.ts'
import { capabilityOf } from '#crm/yclients/pull.ts'
import type { Company } from '#crm/yclients/schema.ts'
import { branchesOf, type Settings } from '#crm/yclients/settings.ts'
import { mapVisit, readVisit } from '#crm/yclients/visits.ts'
import { both } from '#lib/localized.ts'

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
  const [first = '', ...others] = branchesOf(session.settings)
  if (others.length === 0) return checkBranch(session, first)
  const reports: { companyId: string; report: Check }[] = []
  for (const companyId of [first, ...others]) {
    const report = await checkBranch(session, companyId)
    reports.push({ companyId, report })
    // The tokens are the same for all branches.
    if (report.capabilities.some(({ name, ok }) => name === 'credentials' && !ok)) break
  }
  return joinReports(reports)
}

/** At least one branch must work: the others are left out by a sync. */
function joinReports(reports: readonly { companyId: string; report: Check }[]): Check {
  const worksOf = ({ capabilities }: Check) => capabilities.every(({ ok, required }) => ok || !required)
  const isAnyFine = reports.some(({ report }) => worksOf(report))
  const credentials = reports.flatMap(({ report }) => report.capabilities.filter(({ name }) => name === 'credentials'))
  const refused = credentials.find(({ ok }) => !ok) ?? credentials[0]
  const branches = reports.map(({ companyId, report }): Capability => {
    const failed = report.capabilities.filter(({ ok }) => !ok)
    const title = report.account?.name || companyId
    const details = failed.length > 0 ? failed : report.capabilities.slice(-1)
    return {
      name: capabilityOf(companyId),
      required: !isAnyFine,
      ok: worksOf(report),
      detail: joinTexts(title, details),
      isUnanswered: failed.some((capability) => capability.isUnanswered === true),
    }
  })
  const accounts = reports.flatMap(({ report }) => report.account ?? [])
  const account: Account | null = accounts[0]
    ? {
        externalId: accounts.map(({ externalId }) => externalId).join(','),
        name: accounts.map(({ name, externalId }) => name || externalId).join(', '),
        timezone: accounts[0].timezone,
        currency: accounts[0].currency,
      }
    : null
  const sample = reports.flatMap((one) => one.report.sample).slice(0, SAMPLE_MAX)
  const locations = reports.flatMap(({ report }) => report.locations ?? [])
  return { account, locations, capabilities: [...(refused ? [refused] : []), ...branches], sample }
}

function joinTexts(title: string, capabilities: readonly Capability[]): LocalizedText {
  const join = (language: keyof LocalizedText) =>
    `${title}: ${capabilities.map(({ detail }) => detail[language]).join(' ')}`
  return { en: join('en'), ru: join('ru') }
}

async function checkBranch(session: Session<Settings>, companyId: string): Promise<Check> {
  const client = createClient(session, companyId)
  const checklist = createChecklist(MESSAGES)
  const { capabilities, capability, probe } = checklist
  const { value: company, error } = await attempt(client.company)
  // The tokens are good when the company answers, and wrong only when the vendor says so.
  const isAccepted = company !== null || error?.kind === 'forbidden' || error?.kind === 'not_found'
  capabilities.push(capability('credentials', isAccepted ? ACCEPTED : (error ?? ACCEPTED)))
  capabilities.push(capability('account', error ?? both(company.title || company.id)))
  if (!company) return { account: null, capabilities, sample: [] }
  const account = toAccountContext(session, companyId, factsOf(company))
  const context = { session, client, account, documents: openDocuments(client) }
  const recordsOf = async (page: number) =>
    readFewer(SAMPLE_ROWS, async (count) => client.records(recordsQuery(context, { page, count })))
  const records = await probe('records', true, async () => recordsOf(1), found)
  if (records && (records.total ?? 0) > SAMPLE_ROWS) {
    await probe('records_page_2', true, async () => recordsOf(2), found)
  }
  const operationsOf = async () =>
    readFewer(SAMPLE_ROWS, async (count) => client.transactions(salesQuery(context, count)))
  const operations = await probe('transactions', true, operationsOf, found)
  const sample = await sampleOf(context, checklist, {
    records: records?.rows ?? [],
    operations: operations?.rows ?? [],
  })
  const location = { externalId: companyId, name: company.title || companyId, timezone: account.timezone }
  return { account: toAccount(companyId, company), locations: [location], capabilities, sample }
}

interface Lists {
  readonly records: readonly unknown[]
  readonly operations: readonly unknown[]
}

/** Up to three sales as a sync would store them, with their documents. */
async function sampleOf(
  context: PullContext,
  { capabilities, probe }: Checklist,
  { records, operations }: Lists,
): Promise<CanonicalTransaction[]> {
  const visits = records.map(readVisit).flatMap((visit) => ('type' in visit ? [] : [visit]))
  const mapped = visits.map((visit) => ({ visit, record: mapVisit(visit, context.account) }))
  const customers = customersIn(mapped.map(({ record }) => record)).filter(({ externalId }) => externalId !== null)
  capabilities.push(...phoneCapability(customers, PHONES))
  const paid = mapped.filter(({ record }) => paidIn([record]).length > 0).slice(0, SAMPLE_MAX)
  const sales = [...groupSales(operations).documents].slice(0, SAMPLE_MAX - paid.length)
  const read = async () => [
    ...(await inTurn(paid, async ({ visit }) => completeVisit(context, visit))),
    ...(await inTurn(sales, async ([documentId, rows]) => completeSale(context, documentId, rows))),
  ]
  const [sale] = groupSales(operations).documents.keys()
  if (sale !== undefined)
    await probe(
      DOCUMENTS,
      false,
      async () => context.client.sale(sale),
      () => READABLE,
    )
  const { value } = await attempt(read)
  return paidIn(value ?? []).slice(0, SAMPLE_MAX)
}

async function inTurn<T, R>(list: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const one of list) results.push(await act(one))
  return results
}

function toAccount(companyId: string, company: Company): Account {
  return {
    externalId: companyId,
    name: company.title,
    timezone: companyZone(company),
    currency: currencyOf(company.currency_short_title),
  }
}

function recordsQuery({ session, account }: PullContext, at: { readonly page: number; readonly count: number }) {
  const today = localDate(session.clock.now(), account.timezone)
  const days = { start_date: addDays(today, -SAMPLE_DAYS), end_date: today }
  return { ...days, ...at, with_deleted: 1, include_finance_transactions: 1 }
}

function salesQuery({ session, account }: PullContext, count: number) {
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
