// Every kind of record that the sandboxes have is explained, in both languages, and as their own books have it.
import { describe, expect, it } from 'vitest'
import { connectorOf } from '#crm/registry.ts'
import { COMMON_RULES } from '#crm/rules.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { localDate } from '#lib/time.ts'
import type { Kinds } from '#sandbox/sandbox.ts'
import { INVOICE_KINDS as ONE_C_DOCUMENTS, RECEIPT_KINDS as ONE_C_RECEIPTS } from '#sandbox/1c/kinds.ts'
import { KINDS as DEALS } from '#sandbox/amo_crm/kinds.ts'
import { KINDS as ORDERS } from '#sandbox/iiko/kinds.ts'
import { INVOICE_KINDS, VISIT_KINDS } from '#sandbox/renovatio/kinds.ts'
import { KINDS as VISITS } from '#sandbox/yclients/kinds.ts'
import { createAmoTenant } from '#test/amo.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { explain } from '#test/explain.ts'
import { createClinicTenant } from '#test/renovatio.ts'
import { createShopTenant } from '#test/shop.ts'
import { createSalonTenant, type Connected } from '#test/tenants.ts'

/** Rules that no kind of record shows: they need settings of their own (odd.test.ts), or a vendor with odd answers. */
const ODD: Partial<Record<CrmType, readonly string[]>> = {
  yclients: [
    ...['branch_left', 'visit_attendance_unknown', 'visit_paid_unlisted', 'visit_other'],
    ...['sale_emptied', 'sale_incomplete', 'operation_deleted'],
  ],
  amo_crm: [
    ...['lead_at_paid_stage', 'lead_won_uncounted', 'lead_other_pipeline', 'source_off', 'no_invoice_list'],
    ...['lead_no_sale', 'lead_deleted', 'lead_binned', 'invoice_no_sale', 'invoice_deleted'],
  ],
  iiko: ['receipt_day_needed', 'reports_unused', 'restaurant_left', 'order_empty'],
  '1c': [
    ...['operation_other', 'outside_filter', 'status_of_settings', 'requirement_unmet', 'archived_gone'],
    'not_closed',
  ],
  renovatio: ['invoice_elsewhere', 'visits_closed'],
}

/** The rules that were applied. */
async function explained<S>(
  tenant: Connected & { readonly sandbox: S },
  kinds: Kinds<S>,
  hint = '',
): Promise<readonly string[]> {
  const met: string[] = []
  const odd: unknown[] = []
  for (const [kind, enter] of Object.entries(kinds)) {
    const { externalId, status } = enter(tenant.sandbox)
    const { outcome, crm, rule, text } = await explain(tenant, externalId, hint)
    const isAsBooked = (crm.transaction?.status ?? null) === status
    const isOutcome = status === 'paid' ? outcome === 'paid' : ['skipped', 'unreadable', 'unknown'].includes(outcome)
    const isSaid = /[а-яё]/.test(rule?.text ?? '') && /^[^{}]+\.$/.test(text)
    if (!isAsBooked || !isOutcome || !isSaid) odd.push({ kind, status, outcome, shown: crm.transaction?.status, text })
    met.push(rule?.code)
  }
  expect(odd).toEqual([])
  return met
}

function expectAll(type: CrmType, met: readonly string[]): void {
  const known = new Set([...met, ...(ODD[type] ?? [])])
  expect(Object.keys(connectorOf(type).rules).filter((code) => !known.has(code))).toEqual([])
}

describe('every kind of record is explained by a rule', () => {
  it('of YCLIENTS', async () => {
    expectAll('yclients', await explained(await createSalonTenant(), VISITS))
  })

  it('of amoCRM', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['leads', 'purchases', 'invoices'] } })
    expectAll('amo_crm', await explained(tenant, DEALS))
  })

  it('of iiko', async () => {
    const tenant = await createCafeTenant({ withReports: true })
    const day = localDate(new Date(tenant.context.clock.now().getTime() - 3_600_000), 'Europe/Moscow')
    expectAll('iiko', await explained(tenant, ORDERS, `&day=${day}`))
  })

  it('of 1C', async () => {
    const receipts = await explained(await createShopTenant(), ONE_C_RECEIPTS)
    const documents = await explained(await createShopTenant({ configuration: 'bp' }), ONE_C_DOCUMENTS)
    expectAll('1c', [...receipts, ...documents])
  })

  it('of Renovatio', async () => {
    const blind = await createClinicTenant()
    blind.sandbox.denied.add('getInvoices')
    const invoices = await explained(await createClinicTenant(), INVOICE_KINDS)
    expectAll('renovatio', [...invoices, ...(await explained(blind, VISIT_KINDS))])
  })
})

it('has a sentence in both languages for every rule, with the same values', () => {
  const all = (['yclients', 'amo_crm', 'iiko', '1c', 'renovatio', 'csv'] as const).map(
    (type) => connectorOf(type).rules,
  )
  for (const [code, { text }] of [COMMON_RULES, ...all].flatMap((rules) => Object.entries(rules))) {
    const values = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(([name]) => name).toSorted()
    expect(text.ru, code).toMatch(/^[а-яёА-ЯЁ1Yi].*[а-яё].*[^.]$/)
    expect(values(text.ru), code).toEqual(values(text.en))
  }
})
