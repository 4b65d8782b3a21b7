// Rules that only settings of their own or an odd situation show: see kinds.test.ts for the others.
import { describe, expect, it } from 'vitest'
import { OPEN, PIPELINES, WON } from '#sandbox/amo_crm/account.ts'
import { createAmoTenant } from '#test/amo.ts'
import { createCafeTenant, ring, sell as sellOrder } from '#test/cafe.ts'
import { explain } from '#test/explain.ts'
import { createClinicTenant, hoursAgo } from '#test/renovatio.ts'
import { createShopTenant, sell, type ShopTenant } from '#test/shop.ts'
import { type Connected, createSalonTenant, sync } from '#test/tenants.ts'

async function ruleOf(tenant: Connected, externalId: string, query = ''): Promise<string> {
  return (await explain(tenant, externalId, query)).rule.code
}

describe('the rule of a record that the settings treat otherwise', () => {
  it('is named for deals at other stages and in other pipelines, and for sources that are not read', async () => {
    const [pipelineId] = PIPELINES
    const settings = { pipelineIds: [pipelineId], paidStatusIds: { [pipelineId]: [OPEN] } }
    const tenant = await createAmoTenant({ settings })
    const deal = (statusId: number, at: number) =>
      `lead:${tenant.sandbox.account.addDeal({ statusId, pipelineId: at }).id}`
    expect(await ruleOf(tenant, deal(OPEN, pipelineId))).toBe('lead_at_paid_stage')
    expect(await ruleOf(tenant, deal(WON, pipelineId))).toBe('lead_won_uncounted')
    expect(await ruleOf(tenant, deal(WON, PIPELINES[1]))).toBe('lead_other_pipeline')
    expect(await ruleOf(tenant, 'purchase:1')).toBe('source_off')
    expect(await ruleOf(tenant, 'deal 1')).toBe('foreign_id')
  })

  it('is named where an account has no list of invoices', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['leads', 'invoices'] } })
    tenant.sandbox.hasInvoices = false
    expect(await ruleOf(tenant, 'invoice:1')).toBe('no_invoice_list')
  })

  it('is named for documents that the settings filter, require or know otherwise', async () => {
    const of = async (document: Readonly<Record<string, unknown>>) =>
      createShopTenant({ settings: { documents: [{ entitySet: 'Document_ЧекККМ', ...document }] } })
    const idOf = (tenant: ShopTenant, change = {}) => `Document_ЧекККМ:${Object.assign(sell(tenant), change).id}`
    const kind = { field: 'ВидОперации', sale: ['Продажа'], refund: ['Нет'] }
    const [named, filtered, required, aside] = await Promise.all([
      of({ kind }),
      of({ kind: 'sale', filter: 'СуммаДокумента gt 1000' }),
      of({ kind: 'sale', required: { field: 'НомерЧекаККМ', value: 'x' } }),
      of({ kind: 'sale', required: { field: 'СтатусЧекаККМ', value: 'Отложенный' } }),
    ])
    expect(await ruleOf(named, idOf(named, { isRefund: true }))).toBe('operation_other')
    expect(await ruleOf(filtered, idOf(filtered))).toBe('outside_filter')
    expect(await ruleOf(required, idOf(required))).toBe('requirement_unmet')
    expect(await ruleOf(aside, idOf(aside, { state: 'aside' }))).toBe('status_of_settings')
  })

  it('is named for invoices of another clinic, and for visits that the key may not read', async () => {
    const tenant = await createClinicTenant({ settings: { clinicIds: [2] } })
    const { clinic, denied } = tenant.sandbox
    const { number, visitId } = clinic.sell(hoursAgo(tenant, 1), 190_000)
    expect(await ruleOf(tenant, `invoice:${number}`)).toBe('invoice_elsewhere')
    denied.add('getAppointments')
    expect(await ruleOf(tenant, `appointment:${visitId}`)).toBe('visits_closed')
  })
})

describe('a record that cannot be read alone', () => {
  it('is a sale of a branch that has left', async () => {
    expect(await ruleOf(await createSalonTenant(), 'record:1', '&locationId=999')).toBe('branch_left')
  })

  it('is a receipt of the till whose day nobody knows, or whose reports nobody may read', async () => {
    const tenant = await createCafeTenant()
    const id = `olap:${ring(tenant, 1).id}`
    expect(await ruleOf(tenant, id)).toBe('receipt_day_needed')
    expect(await ruleOf(tenant, id, '&day=2026-11-01')).toBe('reports_unused')
    expect(await ruleOf(tenant, sellOrder(tenant, 1).id, '&locationId=another')).toBe('restaurant_left')
  })

  it('is a stored receipt of the till: its day is known from what is stored', async () => {
    const tenant = await createCafeTenant({ withReports: true })
    const { id } = ring(tenant, 30)
    await sync(tenant)
    expect(await explain(tenant, `olap:${id}`)).toMatchObject({ outcome: 'paid', rule: { code: 'receipt_closed' } })
  })

  it('is an archived receipt of 1C that was removed after its shift, and that stays a sale', async () => {
    const tenant = await createShopTenant()
    const { id } = sell(tenant, 2)
    sell(tenant, 3)
    await sync(tenant)
    tenant.sandbox.shop.vanish(id)
    const found = await explain(tenant, `Document_ЧекККМ:${id}`)
    expect(found).toMatchObject({ outcome: 'paid', rule: { code: 'archived_gone' }, crm: { state: 'not_shown' } })
    expect(found.text).toContain('Здесь сохранено: оплачено.')
  })
})
