// What a browser gets that follows the link of a connect session: the page, and its own right through the client.
import { describe, expect, it } from 'vitest'
import { openLink } from '#client/open-link.ts'
import type { TestContext } from '#test/context.ts'
import { createSession } from '#test/sessions.ts'
import { createSalonTenant, request } from '#test/tenants.ts'

const PRODUCT = 'https://app.example.com'
const OURS = { variables: { CORS_ORIGINS: PRODUCT } }

describe('its page', () => {
  it('names the business in the language of the session, and may be framed by its origin alone', async () => {
    const salon = await createSalonTenant(OURS)
    const session = await createSession(salon, { origin: PRODUCT, returnUrl: `${PRODUCT}/crm?a=1&b=2`, language: 'ru' })
    const path = `/connect?s=${session.id}`
    const { status, headers, text } = await request(salon.context, path, { headers: { 'accept-language': 'en' } })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).toContain('Салон «Проба»')
    expect(text).toContain('Эта ссылка ведёт к подключению CRM')
    expect(text).toContain(`href="${PRODUCT}/crm?a=1&#38;b=2"`)
    expect(text).not.toMatch(/<script|eyJ/)
    expect(headers.get('content-security-policy')).toContain(`frame-ancestors ${PRODUCT}`)
    const plain = await createSession(salon, { integrationId: salon.integrationId })
    const page = await request(salon.context, `/app?s=${plain.id}`)
    expect(page.text).toContain('needs new credentials')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
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
