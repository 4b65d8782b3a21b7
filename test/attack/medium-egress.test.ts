// Names that are public by their look and private by what they resolve to, and our own house.
import { describe, expect, it } from 'vitest'
import { refuseAddress, zoneOf } from '#lib/egress-policy.ts'
import { createTestContext } from '#test/context.ts'
import { connect, createTenant } from '#test/tenants.ts'

const policy = { allowOrigins: [], denyHosts: ['example.com'], hosts: null }

describe('an address', () => {
  it.each([
    ...['10.0.0.1.nip.io', '0a000001.nip.io', 'nip.io', '192-168-1-1.sslip.io', 'www.7f000001.sslip.io'],
    ...['localtest.me', 'x.localtest.me', 'lvh.me', 'a.b.lvh.me', 'app.localho.st', 'x.vcap.me', 'x.traefik.me'],
    ...['7f000001.a9fea9fe.rbndr.us', 'make-127-0-0-1-rr.1u.ms'],
    ...['10.0.0.1.unknown-wildcard.com', '127-0-0-1.unknown.com', 'a.169.254.169.254.unknown.com'],
    ...['x-192-168-0-7.unknown.com', '172.31.0.1.unknown.com'],
    ...['ep-cool-1.eu-central-1.aws.neon.tech', 'api.neon.tech', 'console.neon.tech'],
    ...['example.com', 'crm.example.com', 'a.b.example.com'],
    ...['db.svc', 'vault.service.consul', 'x.localdomain', 'x.private', 'metadata.google.internal', 'x.home.arpa'],
  ])('%s is refused', (host) => {
    expect(refuseAddress(`https://${host}/x`, policy)).toBe('not_public')
    expect(refuseAddress(`https://${host.toUpperCase()}/x`, policy)).toBe('not_public')
  })

  it.each([
    ...[
      '1c.shop.ru',
      'mis-10.clinic.ru',
      'cafe.iiko.it',
      'my-example.com',
      'version-10-2-3.shop.ru',
      'xn--e1afmkfd.xn--p1ai',
    ],
    ...['203-0-113-7.provider.ru', '172-32-0-1.provider.ru', 'unip.io', 'host10.0-1.ru'],
  ])('%s is not', (host) => {
    expect(refuseAddress(`https://${host}/x`, policy)).toBeNull()
  })
})

it.each([
  ['https://crm.example.com', 'example.com'],
  ['https://example.com', 'example.com'],
  ['https://crm.eu.example.com', 'eu.example.com'],
  ['https://crm.co.uk', 'crm.co.uk'],
  ['https://crm.msk.ru', 'crm.msk.ru'],
  ['http://localhost:8787', 'localhost'],
  ['http://127.0.0.1:8787', '127.0.0.1'],
])('our own zone at %s is %s', (origin, zone) => {
  expect(zoneOf(origin)).toBe(zone)
})

it('refuses our own zone, and a name that resolves to the loopback, when an integration is saved', async () => {
  const context = createTestContext(null, { PUBLIC_URL: 'https://crm.loyalty-product.ru' })
  const input = { crmType: 'renovatio', credentials: { apiKey: 'k' } }
  const { call } = await createTenant(context)
  for (const host of ['crm.loyalty-product.ru', 'admin.loyalty-product.ru', 'localtest.me', '10.0.0.1.nip.io']) {
    const { status, json } = await call('POST', '/v1/integrations', { ...input, apiUrl: `https://${host}/api/public` })
    expect([status, json.errors?.[0].path]).toEqual([400, 'apiUrl'])
  }
  await connect(context, { ...input, apiUrl: 'https://mis.clinic.ru/api/public' })
})
