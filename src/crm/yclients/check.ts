// The connection test: every list the sync will read, by the sync's own client, each with a sentence for the owner.
import type { Account, CanonicalTransaction, Capability, Check, Session, LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { attempt } from '#lib/crm-error.ts'
import { currencyOf } from '#lib/money.ts'
import { addDays, localDate } from '#lib/time.ts'
import { companyZone, toBranch } from '#crm/yclients/account-context.ts'
import { createClient, type Rows } from '#crm/yclients/client.ts'
import type { Branch } from '#crm/yclients/cursor.ts'
import { isSaleRevenue, mapSale, mapVisit, readOperation } from '#crm/yclients/map.ts'
import { MESSAGES } from '#crm/yclients/messages.ts'
import type { Settings } from '#crm/yclients/settings.ts'

const SAMPLE_ROWS = 50
const SAMPLE_DAYS = 30

export async function check(session: Session<Settings>): Promise<Check> {
  const client = createClient(session)
  const capabilities: Capability[] = []
  const probe = async <T>(
    name: string,
    required: boolean,
    read: () => Promise<T>,
    seen: (value: T) => LocalizedText,
  ) => {
    const { value, error } = await attempt(read)
    const detail = error ? describeError(error, MESSAGES) : seen(value)
    capabilities.push({ name, required, ok: error === null, detail })
    return value
  }
  const company = await probe('account', true, client.company, ({ title, id }) => both(title || id))
  if (!company) return { account: null, capabilities: [credentials(capabilities), ...capabilities], sample: [] }
  const branch = toBranch(session, company)
  const records = await probe('records', true, async () => client.records(recordsQuery(session, branch, 1)), shown)
  if (records && (records.total ?? 0) > SAMPLE_ROWS) {
    await probe('records_page_2', true, async () => client.records(recordsQuery(session, branch, 2)), shown)
  }
  const operations = await probe(
    'transactions',
    true,
    async () => client.transactions(salesQuery(session, branch)),
    shown,
  )
  const sample = toSample(records?.rows ?? [], operations?.rows ?? [], branch)
  if (records) capabilities.push(...phones(records.rows, branch))
  const account: Account = {
    externalId: session.settings.companyId,
    name: company.title,
    timezone: companyZone(company),
    currency: currencyOf(company.currency_short_title),
  }
  return { account, capabilities: [credentials(capabilities), ...capabilities], sample }
}

function recordsQuery(session: Session<Settings>, branch: Branch, page: number) {
  const today = localDate(session.clock.now(), branch.timezone)
  const days = { start_date: addDays(today, -SAMPLE_DAYS), end_date: today }
  return { ...days, page, count: SAMPLE_ROWS, with_deleted: 1, include_finance_transactions: 1 }
}

function salesQuery(session: Session<Settings>, branch: Branch) {
  const today = localDate(session.clock.now(), branch.timezone)
  return { start_date: addDays(today, -SAMPLE_DAYS), end_date: addDays(today, 1), page: 1, count: SAMPLE_ROWS }
}

/** The tokens are fine when anything at all could be read, and wrong only when the vendor says so. */
function credentials(capabilities: readonly Capability[]): Capability {
  const account = capabilities.find(({ name }) => name === 'account')
  const detail = { en: 'Both tokens are accepted.', ru: 'Оба токена приняты.' }
  return {
    name: 'credentials',
    required: true,
    ok: account?.ok ?? false,
    detail: account?.ok ? detail : (account?.detail ?? detail),
  }
}

function shown({ rows, total }: Rows): LocalizedText {
  const count = total ?? rows.length
  return {
    en: `Readable; ${count} in the last ${SAMPLE_DAYS} days.`,
    ru: `Доступно; за ${SAMPLE_DAYS} дней: ${count}.`,
  }
}

/** A user without the right to see phones gets records with empty ones, and no error. */
function phones(rows: readonly unknown[], branch: Branch): Capability[] {
  const customers = rows
    .map((row) => mapVisit(row, branch))
    .flatMap((record) => {
      const customer = record.type === 'transaction' ? record.transaction.customer : null
      return customer?.externalId ? [customer] : []
    })
  if (customers.length === 0) return []
  const ok = customers.some(({ phone }) => phone !== null)
  const detail = ok
    ? { en: 'Client phones are visible.', ru: 'Телефоны клиентов видны.' }
    : {
        en: 'Client phones are hidden from this user: sales arrive, but cannot be matched to a customer by phone. Give the user the right to see phones.',
        ru: 'Телефоны клиентов скрыты от этого пользователя: продажи придут, но без телефона. Дайте пользователю право видеть телефоны.',
      }
  return [{ name: 'client_phones', required: false, ok, detail }]
}

function toSample(records: readonly unknown[], operations: readonly unknown[], branch: Branch): CanonicalTransaction[] {
  const sales = operations.map(readOperation).flatMap((operation) => {
    if ('type' in operation || !isSaleRevenue(operation)) return []
    return [mapSale(String(operation.document_id ?? 0), [operation], branch)]
  })
  return [...records.map((row) => mapVisit(row, branch)), ...sales]
    .flatMap((record) =>
      record.type === 'transaction' && record.transaction.status === 'paid' ? [record.transaction] : [],
    )
    .slice(0, 3)
}

function both(text: string): LocalizedText {
  return { en: text, ru: text }
}
