import { env } from '#test/env.ts'
import { describe, expect, it, vi } from 'vitest'
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { renderPage } from '#api/viewer/page.ts'
import { createContext } from '#context.ts'
import { caller, createTenant, request } from '#test/tenants.ts'
import { createTestContext } from '#test/context.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

/** Every `$ref` in a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' && typeof part === 'string' ? [part] : references(part),
  )
}

describe('the OpenAPI document', () => {
  it('describes every route, and every reference in it leads somewhere', async () => {
    const { status, json } = await request(createTestContext(), '/openapi.json')
    expect([status, json.openapi]).toEqual([200, '3.1.0'])
    for (const { method, path } of ROUTES) expect(json.paths[path]?.[method], `${method} ${path}`).toBeTruthy()
    for (const reference of references(json)) {
      const target = reference
        .replace('#/', '')
        .split('/')
        .reduce((part, key) => part?.[key], json)
      expect(target, reference).toBeTruthy()
    }
    expect(JSON.stringify(json)).not.toContain('$schema')
  })

  it('gives each operation a name of its own', async () => {
    const { json } = await request(createTestContext(), '/openapi.json')
    const ids = Object.values<Record<string, { operationId: string }>>(json.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !/^[a-z]+(?:[A-Z][a-z]+)*$/.test(id))).toEqual([])
  })
})

it('has its schemas in the order of their names, whatever was loaded first', async () => {
  const { json } = await request(createTestContext(), '/openapi.json')
  const names = Object.keys(json.components.schemas)
  expect(names).toEqual(names.toSorted())
})

describe('the viewer', () => {
  it('is served by the Worker itself, under a policy that lets nothing else in, and no script', async () => {
    const context = createTestContext()
    const page = await request(context, '/docs')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.text).not.toMatch(/<script|style=|(?:src|href)="(?:https?:)?\/\//)
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file ?? '')
    expect(files).toContain('/docs/style.css')
    for (const file of files) expect((await request(context, file)).status, file).toBe(200)
    expect((await request(context, '/docs/schemas')).text).not.toMatch(/<script|style=|(?:src|href)="(?:https?:)?\/\//)
  })

  it('shows every operation and schema of the document, and each link in it leads somewhere', async () => {
    const context = createTestContext()
    const [main, schemas] = [await request(context, '/docs'), await request(context, '/docs/schemas')]
    const { json } = await request(context, '/openapi.json')
    const idsOf = ({ text }: typeof main) => [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const targets = new Map([['', idsOf(main)]]).set('/docs/schemas', idsOf(schemas))
    for (const ids of targets.values()) expect(new Set(ids).size).toBe(ids.length)
    const operations = Object.values<Record<string, { operationId: string }>>(json.paths).flatMap(Object.values)
    for (const { operationId } of operations) expect(idsOf(main)).toContain(operationId)
    for (const name of Object.keys(json.components.schemas)) expect(idsOf(schemas)).toContain(name)
    for (const { text } of [main, schemas]) {
      for (const [, page = '', target] of text.matchAll(/href="([^"#]*)#([^"]+)"/g))
        expect(targets.get(page), page).toContain(target)
      expect(text).not.toMatch(/undefined|\[object/)
    }
  })

  it('escapes what the document says', async () => {
    const operation = { operationId: 'x', summary: '<b>', description: 'a `<i>` [x](javascript:alert)', responses: {} }
    const document = {
      info: { title: 'T<u>', version: '1' },
      paths: { '/<s>': { get: operation } },
      components: { schemas: {} },
    }
    const page = await renderPage(document)
    expect(page).toMatch(/T&lt;u&gt;.*\/&lt;s&gt;.*&lt;b&gt;.*<code>&lt;i&gt;<\/code> \[x\]\(javascript:alert\)/s)
  })

  it.each(['/docs', '/docs/schemas'])('weighs at most 300 KB with all that it loads: %s', async (page) => {
    const context = createTestContext()
    const files = await Promise.all(
      [page, '/docs/style.css', '/docs/icon.svg'].map(async (file) => request(context, file)),
    )
    const bytes = files.map(({ text }) => new TextEncoder().encode(text).length)
    expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(300_000)
  })

  it('serves no other file', async () => {
    const context = createTestContext()
    for (const file of ['/docs/package.json', '/docs/..%2f..%2fwrangler.toml', '/package.json', '/docs/start.js']) {
      expect((await request(context, file)).status, file).toBe(404)
    }
  })
})

describe('health', () => {
  it('is alive, and ready when keys, database and queue are', async () => {
    const context = createTestContext()
    expect((await request(context, '/healthz')).json).toEqual({ status: 'ok' })
    const ready = await request(context, '/readyz')
    expect([ready.status, ready.json]).toMatchObject([200, { status: 'ok', version: expect.any(String) }])
    expect(ready.json.checks).toEqual({ configuration: 'ok', database: 'ok', schema: 'ok', queue: 'ok' })
  })

  it('is not ready when the queue is not, and says which part', async () => {
    const context = createTestContext()
    const bulk = { ...context.queues.bulk, metrics: async () => Promise.reject(new Error('gone')) }
    const app = createApp(ROUTES, () => ({ ...context, queues: { ...context.queues, bulk } }))
    const response = await app.fetch(new Request('https://api.example.com/readyz'), env)
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { checks: { queue: 'failed', database: 'ok' } },
    ])
  })

  it('says that it is not configured, and which variable is wrong only in the log', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = createApp(ROUTES, () => createContext({ ...env, DATABASE_URL: 'mysql://root:hunter2@db' }))
    const response = await app.fetch(new Request('https://api.example.com/healthz'), env)
    const text = await response.text()
    expect([response.status, text]).toEqual([503, expect.stringContaining('misconfigured')])
    expect(text).not.toMatch(/hunter2|DATABASE_URL/)
    expect(JSON.stringify(logged.mock.calls)).toContain('DATABASE_URL: expected the URL of a PostgreSQL database')
    expect(JSON.stringify(logged.mock.calls)).not.toContain('hunter2')
    logged.mockRestore()
  })
})

describe('businesses', () => {
  it('are created, updated and checked', async () => {
    const admin = caller(createTestContext(), await adminToken())
    const path = `/v1/businesses/${crypto.randomUUID()}`
    const business = { name: 'Кофейня', timezone: 'Asia/Vladivostok', currency: 'KZT' }
    expect(await admin('PUT', path, business)).toMatchObject({ status: 201, json: business })
    expect(await admin('PUT', path, { ...business, name: 'Кофейня №2' })).toMatchObject({
      status: 200,
      json: { name: 'Кофейня №2' },
    })
    for (const wrong of [{ timezone: 'Mars/Base' }, { timezone: '+03:00' }, { currency: 'рубль' }, { name: ' ' }]) {
      const { status, json } = await admin('PUT', path, { ...business, ...wrong })
      expect([status, json.errors[0].path]).toEqual([400, Object.keys(wrong)[0]])
    }
  })
})

describe('CRM types', () => {
  it('tell what to fill in, in both languages, to any token', async () => {
    const context = createTestContext()
    const { businessId } = await createTenant(context)
    const call = caller(context, await tenantToken(businessId, ''))
    const { status, json } = await call('GET', '/v1/crm-types')
    expect(status).toBe(200)
    const text = { en: expect.stringMatching(/[a-z]/i), ru: expect.stringMatching(/[а-яё]/i) }
    for (const { crmType, credentials, additionalConfigSchema } of json.items) {
      for (const field of credentials) expect({ crmType, ...field }).toMatchObject({ label: text, help: text })
      expect({ crmType, ...additionalConfigSchema }).toMatchObject({ type: 'object', additionalProperties: false })
    }
    const csv = json.items.find((item: { crmType: string }) => item.crmType === 'csv')
    expect(csv).toMatchObject({ credentials: [], capabilities: { imports: true, webhooks: false, backfill: false } })
    const yclients = json.items.find((item: { crmType: string }) => item.crmType === 'yclients')
    expect(yclients).toMatchObject({
      title: 'YCLIENTS',
      credentials: [
        { name: 'apiKey', required: true, label: { en: 'Partner token', ru: 'Токен партнёра' } },
        { name: 'apiSecret', required: true },
      ],
      capabilities: { webhooks: true, backfill: true, imports: false },
      additionalConfigSchema: {
        anyOf: [{ required: ['companyId'] }, { required: ['companyIds'] }],
        properties: { initialDays: { default: 90, minimum: 1, maximum: 3650 } },
      },
    })
    for (const { additionalConfigSchema, capabilities, settings } of json.items) {
      const { adaptive } = additionalConfigSchema.properties
      expect(adaptive !== undefined).toBe(capabilities.webhooks)
      for (const [name, property] of Object.entries(additionalConfigSchema.properties)) {
        const texts = { title: expect.stringMatching(/[a-zA-Z]/), 'x-ru': { title: expect.stringMatching(/\S/) } }
        expect({ name, ...Object(property) }).toMatchObject(texts)
      }
      // A form shows no words of the API.
      for (const { name, options } of settings) {
        const { enum: values = [], items } = additionalConfigSchema.properties[name]
        const named = options.map(({ value }: { value: string }) => value)
        expect({ name, named }).toEqual({ name, named: expect.arrayContaining(items?.enum ?? values) })
      }
    }
  })
})
