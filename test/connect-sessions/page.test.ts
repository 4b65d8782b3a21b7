// What a browser gets that follows the link of a connect session: the page, and its own right through the client.
import { describe, expect, it } from 'vitest'
import { openLink } from '#client/open-link.ts'
import type { TestContext } from '#test/context.ts'
import { env } from '#test/env.ts'
import { createSession } from '#test/sessions.ts'
import { caller, createSalonTenant, createTenant, request } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const PRODUCT = 'https://app.example.com'
function dataIn(html: string): unknown {
  const [, json = ''] = /id="page-data">([^<]*)</.exec(html) ?? []
  return JSON.parse(json)
}

function policyIn(headers: Headers): Readonly<Record<string, string>> {
  const parts = (headers.get('content-security-policy') ?? '').split('; ')
  return Object.fromEntries(parts.map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]))
}

const OURS = { variables: { CORS_ORIGINS: PRODUCT } }

describe('its page', () => {
  it('names the business in the language of the session, and may be framed by its origin alone', async () => {
    const salon = await createSalonTenant(OURS)
    const returnUrl = `${PRODUCT}/crm?a=1&b=2`
    const session = await createSession(salon, { origin: PRODUCT, returnUrl, language: 'ru' })
    const path = `/connect?s=${session.id}`
    const { status, headers, text } = await request(salon.context, path, { headers: { 'accept-language': 'en' } })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).toMatch(/^<!doctype html>\n<html lang="ru">/)
    expect(text).toContain('<title>Салон «Проба»</title>')
    expect(dataIn(text)).toEqual({
      ...{ businessName: 'Салон «Проба»', isConnected: true, language: 'ru', origin: PRODUCT, returnUrl },
      operator: { name: null, logoUrl: null, support: null },
    })
    expect(text).not.toContain('eyJ')
    expect(policyIn(headers)).toMatchObject({ 'frame-ancestors': PRODUCT })
    const nothing = await createSession(await createTenant(salon.context))
    const begun = await request(salon.context, `/connect?s=${nothing.id}`)
    expect(dataIn(begun.text)).toMatchObject({ isConnected: false })
    const plain = await createSession(salon)
    const page = await request(salon.context, `/app?s=${plain.id}`)
    expect(policyIn(page.headers)).toMatchObject({ 'frame-ancestors': "'none'" })
  })

  it('runs and loads nothing but its own files, and is kept by nobody', async () => {
    const salon = await createSalonTenant(OURS)
    const { id } = await createSession(salon)
    const { headers, text } = await request(salon.context, `/connect?s=${id}`)
    expect(policyIn(headers)).toEqual({
      ...{ 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'img-src': "'self'" },
      ...{ 'connect-src': "'self'", 'base-uri': "'none'", 'form-action': "'self'", 'frame-ancestors': "'none'" },
    })
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('private, no-store')
    // What is inline is data.
    expect(text.match(/<script(?! type="module" src=")[^>]*>/g)).toEqual([
      '<script type="application/json" id="page-data">',
    ])
    expect(text).not.toMatch(/ style=|<style| on[a-z]+=/)
    for (const [, path = ''] of text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      const file = await env.ASSETS.fetch(`https://assets.invalid${path}`)
      expect([path, file.status]).toEqual([path, 200])
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      await file.body?.cancel()
    }
  })

  it('shows the operator, and loads its logo from nowhere else', async () => {
    const operator = { OPERATOR_NAME: 'Касса «У дома»', SUPPORT_CONTACT: '+7 495 000-00-00' }
    const logo = { OPERATOR_LOGO_URL: 'https://cdn.example.com/logo;x.svg' }
    const salon = await createSalonTenant({ variables: { ...operator, ...logo } })
    const { id } = await createSession(salon)
    const { headers, text } = await request(salon.context, `/connect?s=${id}`)
    expect(policyIn(headers)).toMatchObject({ 'img-src': "'self' https://cdn.example.com" })
    const [name, logoUrl, support] = [operator.OPERATOR_NAME, logo.OPERATOR_LOGO_URL, operator.SUPPORT_CONTACT]
    expect(dataIn(text)).toMatchObject({ operator: { name, logoUrl, support } })
    const over = await request(salon.context, '/connect')
    expect(over.text).toContain(operator.SUPPORT_CONTACT)
  })

  it.each([
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    'a\u2028</SCRIPT b',
  ])('shows a business that is called %s as text', async (name) => {
    const salon = await createSalonTenant()
    const asAdmin = caller(salon.context, await adminToken())
    const path = `/v1/businesses/${salon.businessId}`
    await asAdmin('PUT', path, { name, timezone: 'Europe/Moscow', currency: 'RUB' })
    const { id } = await createSession(salon)
    const { text } = await request(salon.context, `/connect?s=${id}`)
    expect(dataIn(text)).toMatchObject({ businessName: name })
    expect(text.match(/<script|<\/script|<!--|<img/gi)).toEqual(['<script', '</script', '<script', '</script'])
  })

  it('says that a link is over, and asks the database nothing about a made-up one', async () => {
    const salon = await createSalonTenant()
    const { id } = await createSession(salon)
    await salon.call('DELETE', `/v1/connect-sessions/${id}`)
    const page = await request(salon.context, `/connect?s=${id}`)
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('no longer good')])
    const before = salon.context.roundTrips()
    for (const made of [crypto.randomUUID(), 'x', '', `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`]) {
      expect((await request(salon.context, `/connect?s=${made}`)).status).toBe(404)
    }
    expect((await request(salon.context, '/connect')).status).toBe(404)
    expect(salon.context.roundTrips()).toBe(before)
  })
})

/** The storage of one tab, and the address that it has. */
function tab({ app }: TestContext, url: string) {
  const kept = new Map<string, string>()
  const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: kept.set.bind(kept) }
  const fetch = async (sent: Request) => app.fetch(sent)
  const options = { baseUrl: 'https://api.example.com', storage, fetch }
  return {
    open: async () => openLink({ ...options, location: new URL(url) }),
    /** The page has taken the token out of the address. */
    reload: async () => openLink({ ...options, location: new URL(url.split('#')[0] ?? '') }),
  }
}

describe('the client', () => {
  it('opens a link once: again in the same tab, after a reload too, and nowhere else', async () => {
    const salon = await createSalonTenant()
    const { id, url } = await createSession(salon)
    const [own, other] = [tab(salon.context, url), tab(salon.context, url)]
    expect(await own.open()).toMatchObject({ id, business: { name: 'Салон «Проба»' } })
    expect(await own.open()).toMatchObject({ id })
    expect(await own.reload()).toMatchObject({ id })
    await expect(other.open()).rejects.toMatchObject({ problem: { code: 'session_ended' } })
    await expect(tab(salon.context, `${PRODUCT}/?s=${id}`).open()).rejects.toThrow('not reached by the link')
  })
})
