import { describe, expect, it } from 'vitest'
import { importAddressKey } from '#crypto/address-key.ts'
import { sha256Hex } from '#crypto/digest.ts'
import { importKeyring } from '#crypto/keyring.ts'
import { findForSession } from '#integrations/queries.ts'
import { webhookTarget } from '#integrations/webhook-target.ts'
import { hashOfMinted, isRedacted, mintWebhookToken, secretOf } from '#integrations/webhook-token.ts'
import { createTestContext } from '#test/context.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const key = (byte: number) => btoa(String.fromCharCode(...Array.from({ length: 32 }, () => byte)))
const NEW = `k2:${key(9)}`

/** The service with another keyring; the tests’ own is another. */
const under = ({ context }: Salon, keys: string) => ({ ...context, keyring: async () => importKeyring(keys) })
/** The service with another ADDRESS_KEY. */
const addressedBy = ({ context }: Pick<Salon, 'context'>, byte: number) => ({
  ...context,
  addressKey: async () => importAddressKey(key(byte)),
})

async function rowOf(salon: Salon) {
  const row = await findForSession(salon.context.db, salon.integrationId, null)
  if (!row) throw new Error('no integration')
  return row
}

const ORIGIN = 'https://api.example.com/v1/anything'

describe('a webhook address', () => {
  it('whose key is gone is no address any more, and everything else stays readable', async () => {
    const salon = await createSalonTenant()
    expect(await webhookTarget(under(salon, NEW), await rowOf(salon), ORIGIN)).toBeNull()
    expect(salon.context.logged.join('\n')).toContain('"column":"webhook_token"')
  })

  it('that ADDRESS_KEY no longer makes is shown to nobody, since it would be refused', async () => {
    const salon = await createSalonTenant()
    expect(await webhookTarget(addressedBy(salon, 12), await rowOf(salon), ORIGIN)).toBeNull()
    expect(salon.context.logged.join('\n')).toContain('webhook_address_void')
  })
})

describe('the token of an address', () => {
  const context = createTestContext()

  it('is known for this service’s own, for its CRM and its key, and with no character changed', async () => {
    const token = await mintWebhookToken(context, '1c')
    expect(token).toMatch(/^[\w-]{43}$/)
    for (const _ of ['checked', 'remembered'])
      expect(await hashOfMinted(context, '1c', token)).toBe(await sha256Hex(token))
    expect(await hashOfMinted(context, 'iiko', token)).toBeNull()
    expect(await hashOfMinted(addressedBy({ context }, 12), '1c', token)).toBeNull()
    for (const [index, character] of Array.from(token).entries()) {
      const changed = token.slice(0, index) + (character === 'A' ? 'B' : 'A') + token.slice(index + 1)
      expect(await hashOfMinted(context, '1c', changed)).toBeNull()
    }
  })

  it('is one that logs recognize as a secret', async () => {
    const tokens = await Promise.all(Array.from({ length: 500 }, async () => mintWebhookToken(context, '1c')))
    expect(tokens.filter((token) => !isRedacted(token))).toEqual([])
    expect(new Set(tokens).size).toBe(500)
  })

  it.each([
    [`${'aB'.repeat(20)}1c2`, true],
    [`${'aB'.repeat(21)}1`, false],
    [`${'ab'.repeat(20)}12A`, false],
    [`${'AB'.repeat(20)}12a`, false],
  ])('%s: %s, by the rule of Cloudflare’s logs', (token, isKnown) => expect(isRedacted(token)).toBe(isKnown))
})

describe('the secret that belongs to an address', () => {
  it('follows from address and key alone: it is the same each time, and another for each address and key', async () => {
    const salon = await createSalonTenant()
    const secret = async (...[context, token]: Parameters<typeof secretOf>) => (await secretOf(context, token)).reveal()
    const first = await secret(salon.context, 'token')
    expect(await secret(salon.context, 'token')).toBe(first)
    expect(first).toMatch(/^[\w-]{43}$/)
    const others = [await secret(salon.context, 'token2'), await secret(addressedBy(salon, 12), 'token')]
    expect(new Set([first, ...others]).size).toBe(3)
  })
})
