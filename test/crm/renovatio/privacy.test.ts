// A medical system: what was done to whom is nobody's business but the clinic's. Nothing of it is kept, logged, shown
// or quarantined, whatever form it comes in.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { type ClinicTenant, createClinicTenant, hoursAgo, quarantined } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'

const SECRET = 'Гепатит-С-положительный'
const MEDICAL = {
  diagnosis: `Диагноз: ${SECRET}`,
  comment: SECRET,
  doctor: `${SECRET}, инфекционист`,
  type: SECRET,
  source: SECRET,
  lab: { title: SECRET, files: [{ name: SECRET, body: btoa(encodeURIComponent(SECRET)) }] },
  services: [{ title: SECRET, code: SECRET, value: SECRET, invoice_number: SECRET, comment: { text: SECRET } }],
}
/** Words where a figure belongs: each makes the record unreadable. */
const BROKEN = [
  ...['value', 'date', 'status_code', 'number', 'sum_value', 'time_start', 'status', 'id'].map((name) => ({
    [name]: SECRET,
  })),
  ...[
    { value: { text: SECRET } },
    { date: [SECRET] },
    { sum_value: { [SECRET]: 1 } },
    { time_start: { text: SECRET } },
  ],
]

/** Every row that the service keeps of an integration, as text. */
async function kept({ context, integrationId, businessId }: ClinicTenant): Promise<string> {
  const { rows } = await context.db.execute<{ kept: string }>(sql`
    select jsonb_build_array(
      (select jsonb_agg(t) from crm_transactions t where t.integration_id = i.id),
      (select jsonb_agg(h) from transaction_changes h where h.integration_id = i.id),
      (select jsonb_agg(q) from quarantined_records q where q.integration_id = i.id),
      (select jsonb_agg(r) from sync_runs r where r.integration_id = i.id), to_jsonb(i))::text as kept
    from crm_integrations i where i.id = ${integrationId}::uuid and i.business_id = ${businessId}::uuid`)
  return rows[0]?.kept ?? ''
}

it.each(['invoices', 'visits'])('keeps, logs and shows nothing medical where %s are counted', async (mode) => {
  const tenant = await createClinicTenant({ settings: { initialDays: 10 } })
  const { clinic, broken, denied, faults, refusals } = tenant.sandbox
  if (mode === 'visits') denied.add('getInvoices')
  const sold = Array.from({ length: 3 * BROKEN.length }, (_, n) => clinic.sell(hoursAgo(tenant, n + 1), 1000 + n))
  for (const [n, { number, visitId }] of sold.entries()) {
    const change = n % 3 === 0 ? BROKEN[n / 3] : {}
    broken.set(`invoice:${number}`, { ...MEDICAL, ...change })
    broken.set(`appointment:${visitId}`, { ...MEDICAL, patient: { title: SECRET }, ...change })
  }
  faults.plan.next = ['truncated', 'html', '500']
  await sync(tenant)
  refusals.set('getPatient', { code: 500, desc: SECRET })
  clinic.setStatus(sold[1]?.number ?? 0, 'refunded')
  clinic.touch(clinic.visit(sold[1]?.visitId ?? 0)).status = 'refused'
  await sync(tenant)
  refusals.set('getAppointments', { code: 500, desc: SECRET }).set('getInvoices', { code: 500, desc: SECRET })
  await sync(tenant)
  expect((await quarantined(tenant)).length).toBeGreaterThan(2)
  const texts = [await kept(tenant), ...tenant.context.logged]
  for (const path of ['', '/runs', '/quarantine', '/transactions', '/changes?after=0']) {
    texts.push((await tenant.call('GET', `${tenant.path}${path}`)).text)
  }
  texts.push((await tenant.call('POST', `${tenant.path}/test`)).text)
  const seen = texts.join('\n')
  expect(seen).toContain(
    `invoice:${sold[1]?.number}`.replace('invoice', mode === 'visits' ? 'appointment' : 'invoice').slice(0, 8),
  )
  expect(seen).toMatch(/"items": ?\[\]/)
  for (const form of [SECRET, encodeURIComponent(SECRET), btoa(encodeURIComponent(SECRET)), SECRET.slice(0, 7)]) {
    expect(seen).not.toContain(form)
  }
})

it('tells the services of the sandbox apart from what it stores: not one of their titles is kept', async () => {
  const tenant = await createClinicTenant({ demo: true, settings: { initialDays: 20 } })
  await sync(tenant)
  const seen = `${await kept(tenant)}\n${tenant.context.logged.join('\n')}`
  const titles = [...tenant.sandbox.clinic.visits.values()].flatMap(({ lines }) => lines.map(({ title }) => title))
  expect(new Set(titles).size).toBeGreaterThan(3)
  for (const word of [...new Set(titles), 'онколог', 'психиатр', 'C50.9', 'F32.1', 'blood', '1990']) {
    expect(seen, word).not.toContain(word)
  }
})
