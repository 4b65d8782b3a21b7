import { describe } from 'vitest'
import type { HookDelivery } from '#sandbox/hooks.ts'
import type { Invoice, Visit } from '#sandbox/renovatio/clinic.ts'
import { type ClinicTenant, createClinicTenant, hoursAgo } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'
import { describeWebhooks, type HookTenant } from '#test/webhook-suite.ts'
import { withVendor } from './vendor.ts'

type Tenant = HookTenant & ClinicTenant

const FORM = 'application/x-www-form-urlencoded'

/** The address stands in Renovatio: a person has entered it. */
async function create(denied: readonly string[] = []): Promise<Tenant> {
  const tenant = withVendor(await createClinicTenant({ settings: { initialDays: 7, clinicIds: [1, 2] } }))
  const { sandbox } = tenant
  for (const method of denied) sandbox.denied.add(method)
  for (let hours = 2; hours < 72; hours += 3) sandbox.clinic.sell(hoursAgo(tenant, hours), 190_000 + hours)
  const { webhookUrl } = (await tenant.call('PATCH', tenant.path, { syncEnabled: true })).json
  await sync(tenant)
  sandbox.hooks.address?.(webhookUrl)
  return { ...tenant, hooks: sandbox.hooks }
}

/** To somebody who has been there before: the first event is about the visit. */
function sell(tenant: Tenant): void {
  const { clinic } = tenant.sandbox
  const [patient] = clinic.patients.values()
  clinic.sell(hoursAgo(tenant, 0), 99_000, patient)
}

/** Something becomes of an invoice that is stored as paid, and of its visit; nothing when there is none left. */
function edit(change: (invoice: Invoice, visit: Visit, tenant: Tenant) => void) {
  return (tenant: Tenant) => {
    const { clinic } = tenant.sandbox
    const invoice = clinic.invoices.find((one) => one.status === 'paid' && one.shownAt && one.visitId)
    if (invoice) change(invoice, clinic.visit(invoice.visitId ?? 0), tenant)
  }
}

function editVisit(change: (visit: Visit, tenant: Tenant) => void) {
  return (tenant: Tenant) => {
    const visit = [...tenant.sandbox.clinic.visits.values()].find((one) => one.status === 'completed' && one.shownAt)
    if (visit) change(visit, tenant)
  }
}

const form = (body: string) => ({ contentType: FORM, body })
const ignored = {
  'a new patient': form('event=create_patient&data[patient_id]=42011&data[last_name]=К&data[mobile]=%2B79001234567'),
  'a result of a laboratory': form(
    'event=full_ready_lab_result&data[appointment_id]=47338&data[files][0][body]=JVBERi0',
  ),
  'some of the results of a laboratory': form('event=part_ready_lab_result&data[appointment_id]=47338&data[lab]=x'),
  'something that nobody knows': form('event=brand_new&data[id]=1'),
}

function foreign(delivery: HookDelivery): HookDelivery {
  return { ...delivery, body: delivery.body.replace(/(?<=clinic_id(?:%5D=|":))\d+/, '9') }
}

describeWebhooks<Tenant>({
  type: 'renovatio',
  create: async () => create(),
  events: {
    'a visit that is billed and paid': sell,
    'an invoice that is paid later': (tenant) => {
      const { clinic } = tenant.sandbox
      const [at, patient] = [hoursAgo(tenant, 0), clinic.addPatient()]
      clinic.setStatus(clinic.addInvoice({ at, patient, kopecks: 250_000 }).number, 'paid')
    },
    'another sum of a paid invoice, with its visit': edit((invoice, visit, { sandbox: { clinic } }) => {
      invoice.kopecks += 111
      clinic.touch(visit)
    }),
    'a payment that is withdrawn, with its visit': edit((invoice, visit, { sandbox: { clinic } }) => {
      clinic.setStatus(invoice.number, 'unpaid')
      clinic.touch(visit)
    }),
    'a visit that is cancelled, and its invoice voided': edit((invoice, visit, { sandbox: { clinic } }) => {
      clinic.setStatus(invoice.number, 'voided')
      clinic.touch(Object.assign(visit, { status: 'refused' }))
    }),
    'a visit that is moved, and its invoice refunded': edit((invoice, visit, tenant) => {
      tenant.sandbox.clinic.setStatus(invoice.number, 'refunded')
      tenant.sandbox.clinic.moveVisit(visit.id, hoursAgo(tenant, 0))
    }),
  },
  ignored,
  foreign,
})

describe('where the key may not read invoices:', () => {
  describeWebhooks<Tenant>({
    type: 'renovatio',
    create: async () => create(['getInvoices']),
    events: {
      'a visit that is completed': sell,
      'a visit that is cancelled': editVisit((visit, { sandbox: { clinic } }) => {
        clinic.touch(Object.assign(visit, { status: 'refused' }))
      }),
      'a visit that is opened again': editVisit((visit, { sandbox: { clinic } }) => {
        clinic.touch(Object.assign(visit, { status: 'upcoming' }))
      }),
      'a visit that is moved': editVisit((visit, tenant) => {
        tenant.sandbox.clinic.moveVisit(visit.id, hoursAgo(tenant, 0))
      }),
    },
    ignored,
    foreign,
  })
})
