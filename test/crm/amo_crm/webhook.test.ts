// The forms that bodies of amoCRM come in, and its entries of addresses; each trap is named in the connector's README.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { Settings } from '#crm/amo_crm/settings.ts'
import { webhook } from '#crm/amo_crm/webhook.ts'
import { watchRegistrations } from '#integrations/watch-registrations.ts'
import { type AmoTenant, createAmoTenant } from '#test/amo.ts'
import { deliver, deliveriesOf, workOffHooks } from '#test/hooks.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const FORM = 'application/x-www-form-urlencoded'
const parse = (text: string, contentType: string | null = FORM) =>
  webhook.parse({ contentType, bytes: new Uint8Array(new TextEncoder().encode(text)) })

function eventsOf(text: string, contentType?: string | null) {
  const parsed = parse(text, contentType)
  if (parsed.type === 'unreadable') throw new Error(parsed.reason)
  return parsed.events
}
const hintsOf = (text: string, contentType?: string | null) =>
  eventsOf(text, contentType).map(({ hint }) => hint?.externalId ?? null)

const ACCOUNT = 'account[subdomain]=coffee1&account[id]=31000001'
const DEAL = 'leads[status][0][id]=50011&leads[status][0][status_id]=142&leads[status][0][price]=12500'

describe('an event', () => {
  it.each(['add', 'update', 'status', 'responsible', 'delete', 'restore'])('of a deal points at it: %s', (action) => {
    expect(hintsOf(`leads[${action}][0][id]=50011&${ACCOUNT}`)).toEqual(['lead:50011'])
  })

  it.each([
    ['with percent-encoded names', encodeURI(`${DEAL}&${ACCOUNT}`).replaceAll('[', '%5B').replaceAll(']', '%5D')],
    ['with Cyrillic and plus signs', `${DEAL}&leads[status][0][name]=%D0%97%D0%B0%D0%BA%D0%B0%D0%B7+118`],
    ['without its pipeline, and without the account', DEAL],
    ['with a date field that has bare values', `${DEAL}&leads[status][0][custom_fields][0][values][0]=1790000000`],
    ['with a radio field, an object', `${DEAL}&leads[status][0][custom_fields][0][values][value]=x`],
    ['with a name that is a value and a parent', `${DEAL}&leads[status][0][tags]=3&leads[status][0][tags][0][id]=4`],
    ['with names that would reach a prototype', `${DEAL}&leads[__proto__][0][id]=1&__proto__[x]=1`],
    [
      'with more than 1,000 names',
      `${DEAL}&${Array.from({ length: 1500 }, (_, n) => `leads[status][0][custom_fields][${n}][id]=1`).join('&')}`,
    ],
  ])('is read %s', (_, body) => expect(hintsOf(body)).toEqual(['lead:50011']))

  it('is read without the content type', () => expect(hintsOf(DEAL, null)).toEqual(['lead:50011']))

  it('comes among others, with gaps in their indexes', () => {
    const body = 'leads[add][0][id]=1&leads[add][3][id]=9000000000001&leads[update][7][id]=3&leads[delete][2][id]=4'
    expect(hintsOf(body)).toEqual(['lead:1', 'lead:9000000000001', 'lead:3', 'lead:4'])
  })

  it('of an element of a list says which list', () => {
    expect(eventsOf('catalogs[update][0][id]=70&catalogs[update][0][catalog_id]=5501')).toMatchObject([
      { hint: { externalId: 'invoice:70', extra: { catalogId: '5501' } } },
    ])
  })

  it('that cannot be read makes all changes be looked at, when others of its delivery can', () => {
    expect(hintsOf('leads[add][0][id]=x&leads[add][1][id]=5')).toEqual([null, 'lead:5'])
  })

  it.each([['leads[add][0][id]=x'], ['leads[add][0][id]=0'], ['a=1&b=2'], ['{"leads":5}'], ['<html>'], ['']])(
    'is none: %j',
    (body) => expect(parse(body).type).toBe('unreadable'),
  )

  it('tells its version when it tells when it changed, in either name; a deletion tells none', () => {
    const versions = [
      `${DEAL}&leads[status][0][last_modified]=1790003600`,
      `${DEAL}&leads[status][0][updated_at]=1790003601`,
      'leads[delete][0][id]=50011',
    ].map((body) => eventsOf(body)[0]?.version)
    expect(versions).toEqual(['lead:50011:1790003600:142:12500', 'lead:50011:1790003601:142:12500', null])
  })

  it('belongs to one account, named by its sub-domain whatever the brand', () => {
    const [event] = eventsOf(`${DEAL}&${ACCOUNT}`)
    const settings = Settings.parse({})
    const owns = (apiUrl: string) => webhook.owns?.(event?.account ?? '', { settings, apiUrl })
    expect(['https://coffee1.amocrm.ru', 'https://coffee1.kommo.com', 'https://coffee2.amocrm.ru'].map(owns)).toEqual([
      ...[true, true, false],
    ])
  })
})

async function hook(tenant: AmoTenant, body: string): Promise<void> {
  const url: string = (await tenant.call('GET', tenant.path)).json.webhookUrl
  await deliver(tenant, { url, method: 'POST', headers: { 'content-type': FORM }, body })
  await workOffHooks(tenant)
}

describe('what is not taken as a sale', () => {
  it('is left alone though its hooks arrive: deals where only invoices count, goods among the invoices', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['invoices'] } })
    const { account } = tenant.sandbox
    const deal = account.addDeal({ statusId: 142 })
    const invoice = account.addInvoice({ status: 'paid' })
    await hook(tenant, `leads[status][0][id]=${deal.id}`)
    await hook(tenant, `catalogs[update][0][id]=${invoice.id}&catalogs[update][0][catalog_id]=77`)
    expect(await allTransactions(tenant)).toEqual([])
    await hook(tenant, `catalogs[update][0][id]=${invoice.id}&catalogs[update][0][catalog_id]=5501`)
    expect(await allTransactions(tenant)).toMatchObject([{ externalId: `invoice:${invoice.id}`, status: 'paid' }])
    expect((await deliveriesOf(tenant)).map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  })

  it('is invoices where only deals count', async () => {
    const tenant = await createAmoTenant()
    const { id } = tenant.sandbox.account.addInvoice({ status: 'paid' })
    await hook(tenant, `catalogs[add][0][id]=${id}&catalogs[add][0][catalog_id]=5501`)
    expect(await allTransactions(tenant)).toEqual([])
  })
})

describe('the entry of our address', () => {
  const OTHER = 'https://other.example/hook'
  const enable = async (tenant: AmoTenant) => (await tenant.call('PATCH', tenant.path, { syncEnabled: true })).json
  const entries = ({ sandbox }: AmoTenant) => [...sandbox.hookEntries.keys()]

  async function withOther(): Promise<AmoTenant> {
    const tenant = await createAmoTenant()
    const { hookEntries } = tenant.sandbox
    hookEntries.set(OTHER, { destination: OTHER, settings: ['add_contact'], disabled: false, subdomain: 'crm' })
    return tenant
  }

  it('is made beside those of others, moves with the address and goes with the integration', async () => {
    const tenant = await withOther()
    const { webhookUrl, webhookSetup } = await enable(tenant)
    expect(webhookSetup.registration).toBe('registered')
    expect(entries(tenant)).toEqual([OTHER, webhookUrl])
    const rotated = (await tenant.call('POST', `${tenant.path}/webhook-token`)).json.webhookUrl
    expect(rotated).not.toBe(webhookUrl)
    expect(entries(tenant)).toEqual([OTHER, rotated])
    await tenant.call('DELETE', tenant.path)
    expect(entries(tenant)).toEqual([OTHER])
  })

  it('takes former addresses out later when amoCRM did not answer at their rotation', async () => {
    const tenant = await createAmoTenant()
    await enable(tenant)
    tenant.sandbox.denied.add('webhooks')
    await tenant.call('POST', `${tenant.path}/webhook-token`)
    tenant.sandbox.denied.clear()
    const { json } = await tenant.call('POST', `${tenant.path}/webhook-registration`)
    expect(json.webhookSetup.registration).toBe('registered')
    expect(entries(tenant)).toEqual([json.webhookUrl])
  })

  it('keeps the events that a person ticked at it, and works again after amoCRM has switched it off', async () => {
    const tenant = await createAmoTenant()
    const { webhookUrl: url } = (await tenant.call('GET', tenant.path)).json
    const { hookEntries } = tenant.sandbox
    hookEntries.set(url, { destination: url, settings: ['add_lead', 'note_lead'], disabled: true, subdomain: 'crm' })
    expect((await enable(tenant)).webhookSetup.registration).toBe('registered')
    expect(hookEntries.get(url)).toMatchObject({ disabled: false })
    expect(new Set(hookEntries.get(url)?.settings)).toEqual(
      new Set(['add_lead', 'note_lead', 'update_lead', 'status_lead', 'delete_lead', 'restore_lead']),
    )
  })

  it('E7: is noticed within a day when amoCRM has switched it off, and registered again when asked', async () => {
    const tenant = await createAmoTenant({ variables: { PUBLIC_URL: 'https://api.example.com' } })
    const { webhookUrl: url } = await enable(tenant)
    const registration = async () => (await tenant.call('GET', tenant.path)).json.webhookSetup.registration
    const night = async () => {
      const checked = sql`update crm_integrations set webhook_checked_at = now() - interval '23 hours' where id = ${tenant.integrationId}::uuid`
      await tenant.context.db.execute(checked)
      await watchRegistrations(tenant.context)
    }
    await night()
    expect(await registration()).toBe('registered')
    Object.assign(tenant.sandbox.hookEntries.get(url) ?? {}, { disabled: true })
    await watchRegistrations(tenant.context)
    expect(await registration()).toBe('registered')
    tenant.sandbox.refused.set('webhooks', 'system_error')
    await night()
    expect(await registration()).toBe('registered')
    tenant.sandbox.refused.clear()
    await night()
    expect(await registration()).toBe('disabled')
    expect((await tenant.call('POST', `${tenant.path}/webhook-registration`)).json.webhookSetup.registration).toBe(
      'registered',
    )
  })

  it('E8: stays with its events when entering it again fails, and is not taken out first', async () => {
    const tenant = await createAmoTenant()
    const { webhookUrl: url } = (await tenant.call('GET', tenant.path)).json
    const { hookEntries, refused, requests } = tenant.sandbox
    hookEntries.set(url, { destination: url, settings: ['add_lead', 'note_lead'], disabled: true, subdomain: 'crm' })
    refused.set('POST webhooks', 'system_error')
    expect((await enable(tenant)).webhookSetup.registration).toBe('failed')
    expect(hookEntries.get(url)).toMatchObject({ settings: ['add_lead', 'note_lead'], disabled: true })
    refused.clear()
    tenant.sandbox.staysDisabled = true
    const { json } = await tenant.call('POST', `${tenant.path}/webhook-registration`)
    expect(json.webhookSetup).toMatchObject({ registration: 'disabled', steps: expect.any(Object) })
    expect(requests.filter((line) => line.startsWith('DELETE'))).toEqual([])
  })

  it('is not made by who is no administrator, and sync works without it', async () => {
    const tenant = await createAmoTenant()
    tenant.sandbox.denied.add('webhooks')
    expect((await enable(tenant)).webhookSetup.registration).toBe('failed')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })
})
