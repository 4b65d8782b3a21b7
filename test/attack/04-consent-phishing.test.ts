// Who begins a consent and sends its link to somebody else must not get what that person gives.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { authorize, comeBack, confirm, createUndecided, decide, fragmentOf, PRODUCT } from '#test/amo.ts'
import { caller, createTenant, type Tenant } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

async function isConnected({ call }: Tenant): Promise<boolean> {
  return (await call('GET', '/v1/integrations')).json.items.length > 0
}

/** An attacker's link, and the browser of the person who was sent it and has given consent. */
async function forwarded() {
  const attacker = await createUndecided()
  const victim = await createTenant(attacker.context)
  const query = await decide(attacker, await authorize(attacker))
  return { attacker, victim, query }
}

describe('a forwarded link', () => {
  it('connects nothing when the person has consented and does nothing more', async () => {
    const { attacker, victim, query } = await forwarded()
    const back = await comeBack(attacker.context, query)
    expect(back.status).toBe(302)
    expect([await isConnected(attacker), await isConnected(victim)]).toEqual([false, false])
    expect(attacker.sandbox.consent.tokens.calls).toEqual([])
  })

  it('is good for neither business when the person’s browser confirms it', async () => {
    const { attacker, victim, query } = await forwarded()
    const { ticket } = fragmentOf(await comeBack(attacker.context, query))
    const { status, json } = await confirm(victim, ticket)
    expect([status, json.code]).toEqual([404, 'not_found'])
    expect([await isConnected(attacker), await isConnected(victim)]).toEqual([false, false])
  })

  it('gives the ticket to nobody who has the state without the code', async () => {
    const { attacker, query } = await forwarded()
    const { ticket } = fragmentOf(await comeBack(attacker.context, query))
    for (const [name, value] of [
      ['code', attacker.sandbox.consent.tokens.newCode()],
      ['code', ''],
      ['code', null],
      ['referer', 'coffee.amocrm.ru'],
      ['error', 'access_denied'],
    ] as const) {
      const again = new URLSearchParams(query)
      if (value === null) again.delete(name)
      else again.set(name, value)
      const back = await comeBack(attacker.context, again)
      expect(fragmentOf(back)).toEqual({ error: expect.stringMatching(/^(state_used|forged|denied)$/) })
      expect(back.text + (back.headers.get('location') ?? '')).not.toContain(ticket ?? 'a ticket')
    }
    expect(await isConnected(attacker)).toBe(false)
  })

  it('leaves no code or ticket to be read in the database or the log', async () => {
    const { attacker, query } = await forwarded()
    const { ticket = 'none' } = fragmentOf(await comeBack(attacker.context, query))
    const { rows } = await attacker.context.db.execute<{ row: string }>(sql`
      select encode(parked, 'escape') || s::text as row from oauth_states s where business_id = ${attacker.businessId}::uuid`)
    const code = query.get('code') ?? ''
    expect(rows).toHaveLength(1)
    expect(code).toMatch(/^def502/)
    for (const text of [rows[0]?.row, ...attacker.context.logged]) {
      for (const secret of [code, ticket]) expect(text).not.toContain(secret)
    }
  })
})

describe('the browser that began and consented', () => {
  it('sees the same outcome when it loads the callback again, before and after it was confirmed', async () => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant))
    const both = await Promise.all([comeBack(tenant.context, query), comeBack(tenant.context, query)])
    const locations = both.map(({ headers }) => headers.get('location'))
    expect(locations[0]).toMatch(/#ticket=/)
    expect(locations[1]).toBe(locations[0])
    const { ticket } = fragmentOf(both[0])
    expect((await confirm(tenant, ticket)).status).toBe(200)
    expect((await comeBack(tenant.context, query)).headers.get('location')).toBe(locations[0])
    const { status, json } = await confirm(tenant, ticket)
    expect([status, json.code]).toEqual([410, 'ticket_used'])
  })

  it('needs a token that may write', async () => {
    const tenant = await createUndecided()
    const { ticket } = fragmentOf(await comeBack(tenant.context, await decide(tenant, await authorize(tenant))))
    const reader = caller(tenant.context, await tenantToken(tenant.businessId, 'integrations:read transactions:read'))
    expect((await reader('POST', '/v1/oauth/amo_crm/confirm', { ticket })).status).toBe(403)
    const admin = caller(tenant.context, await adminToken())
    const unnamed = await admin('POST', '/v1/oauth/amo_crm/confirm', { ticket })
    expect([unnamed.status, unnamed.json.errors?.[0].path]).toEqual([400, 'businessId'])
    const other = { ticket, businessId: crypto.randomUUID() }
    expect((await admin('POST', '/v1/oauth/amo_crm/confirm', other)).status).toBe(404)
    const own = { ticket, businessId: tenant.businessId }
    expect((await admin('POST', '/v1/oauth/amo_crm/confirm', own)).status).toBe(200)
  })
})

describe('where the ticket is handed to', () => {
  it.each([
    'https://attacker.com/settings',
    `${PRODUCT}.attacker.com`,
    `${PRODUCT}@attacker.com`,
    'https://user@app.example.com',
    'http://app.example.com',
    'http://localhost:3000',
    'javascript:alert(1)',
    '//attacker.com',
    '/settings',
    '',
  ])('is a page of the product’s own: %s is refused', async (returnUrl) => {
    const { call } = await createUndecided()
    const path = `/v1/oauth/amo_crm/authorize?returnUrl=${encodeURIComponent(returnUrl)}`
    const { status, json } = await call('GET', path)
    expect([status, json.code, json.errors[0].path]).toEqual([400, 'origin_not_allowed', 'query.returnUrl'])
  })

  it('may be a page of this machine in development', async () => {
    const { call } = await createUndecided({ variables: { ENVIRONMENT: 'development' } })
    const path = `/v1/oauth/amo_crm/authorize?returnUrl=${encodeURIComponent('http://localhost:3000/settings')}`
    expect((await call('GET', path)).status).toBe(200)
  })
})
