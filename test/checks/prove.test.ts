// npm run prove, as it goes on behind its command line (test/dev/prove.test.ts).
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createClient } from '#client/index.ts'
import { type ProveOptions, prove } from '#dev/prove/prove.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

async function proveSalon(
  { context, businessId, integrationId }: Salon,
  { scope, ...options }: Partial<ProveOptions> & { readonly scope?: string } = {},
) {
  const printed: string[] = []
  const told: string[] = []
  const client = createClient({
    baseUrl: 'https://api.example.com',
    token: await tenantToken(businessId, scope),
    language: options.language ?? 'en',
    fetch: async (request) => {
      const response = await context.app.fetch(request)
      await context.drain()
      return response
    },
  })
  const all = { url: '', token: '', integrationId, days: 4, language: 'en', usesLast: false, explained: 0 } as const
  const output = { print: (line: string) => void printed.push(line), tell: (line: string) => void told.push(line) }
  const code = await prove(client, { ...all, ...options }, output)
  return { code, printed: printed.join('\n'), told: told.join('\n') }
}

describe('a proof', () => {
  it('is 0 while all is equal, and 1 when a sale is another, which it names and explains', async () => {
    const salon = await createSalonTenant({ demo: true, days: 6 })
    await sync(salon)
    const equal = await proveSalon(salon)
    expect(equal).toMatchObject({ code: 0, printed: expect.stringMatching(/equal\n\nAll \d+ are equal\.$/) })
    const [sale] = await query(
      salon,
      sql`update crm_transactions set amount_minor = amount_minor + 100 where id = (
        select id from crm_transactions where integration_id = ${salon.integrationId}::uuid and status = 'paid'
          and external_id like 'record:%' and occurred_at > now() - interval '70 hours' order by occurred_at limit 1)
        returning external_id`,
    )
    const different = await proveSalon(salon, { language: 'ru', explained: 1 })
    expect(different).toMatchObject({ code: 1, printed: expect.stringMatching(/РАСХОДИТСЯ/) })
    expect(different.printed).toContain(`${String(sale?.['external_id'])}  расходится (amountMinor)\n  Сейчас в CRM: `)
    const last = await proveSalon(salon, { language: 'ru', usesLast: true })
    expect(last).toMatchObject({ code: 1, printed: expect.stringContaining('Расходятся: 1 из') })
    expect(last.printed).not.toContain('Сейчас в CRM')
    const scope = 'integrations:read integrations:write'
    expect(await proveSalon(salon, { usesLast: true, explained: 1, scope })).toMatchObject({
      ...{ code: 1, printed: expect.stringMatching(/\n1 of \d+ differ\./) },
      told: expect.stringContaining('insufficient_scope'),
    })
  })

  it('is 2 when days could not be compared, and says why', async () => {
    const salon = await createSalonTenant({ demo: true, days: 6 })
    await sync(salon)
    expect(await proveSalon(salon, { usesLast: true })).toMatchObject({ code: 2 })
    salon.sandbox.denied.add('licence')
    const { code, printed, told } = await proveSalon(salon)
    expect({ code, printed }).toEqual({ code: 2, printed: '' })
    expect(told).toMatch(/The check did not come to its end\. .+/)
  })
})
