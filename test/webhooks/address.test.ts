import { describe, expect, it } from 'vitest'
import { importKeyring } from '#crypto/keyring.ts'
import { findForSession } from '#integrations/queries.ts'
import { resealAddress, secretsOf, webhookTarget } from '#integrations/webhook-target.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const key = (byte: number) => btoa(String.fromCharCode(...Array.from({ length: 32 }, () => byte)))
const OLD = `test:${key(7)}`
const NEW = `k2:${key(9)}`

/** The service with another keyring; the tests' own is OLD alone. */
const under = ({ context }: Salon, keys: string) => ({ ...context, keyring: async () => importKeyring(keys) })

async function rowOf(salon: Salon) {
  const row = await findForSession(salon.context.db, salon.integrationId, null)
  if (!row) throw new Error('no integration')
  return row
}

const ORIGIN = 'https://api.example.com/v1/anything'

describe('a webhook address', () => {
  it('outlives a change of the service’s keys', async () => {
    const salon = await createSalonTenant()
    const row = await rowOf(salon)
    const before = await webhookTarget(salon.context, row, ORIGIN)
    await resealAddress(under(salon, `${NEW},${OLD}`), row)
    const after = await webhookTarget(under(salon, NEW), await rowOf(salon), ORIGIN)
    expect(after?.url).toBe(before?.url)
  })

  it('whose key is gone is no address any more, and everything else stays readable', async () => {
    const salon = await createSalonTenant()
    expect(await webhookTarget(under(salon, NEW), await rowOf(salon), ORIGIN)).toBeNull()
    expect(salon.context.logged.join('\n')).toContain('"column":"webhook_token"')
  })

  it('is sealed anew with new credentials, and stays the same', async () => {
    const salon = await createSalonTenant()
    const [row, before] = [await rowOf(salon), (await salon.call('GET', salon.path)).json.webhookUrl]
    const { json } = await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'another' } })
    expect(json.webhookUrl).toBe(before)
    expect((await rowOf(salon)).webhookToken).not.toEqual(row.webhookToken)
  })
})

describe('the secret that belongs to an address', () => {
  it('follows from address and key alone: it is the same each time, and another for each address and key', async () => {
    const salon = await createSalonTenant()
    const [first] = await secretsOf(salon.context, 'token')
    const others = [
      ...(await secretsOf(salon.context, 'token2')),
      ...(await secretsOf(under(salon, NEW), 'token')),
      ...(await secretsOf(under(salon, `test:${key(8)}`), 'token')),
    ]
    expect(await secretsOf(salon.context, 'token')).toEqual([first])
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(new Set([first, ...others]).size).toBe(4)
  })

  it('is given out by the first key and accepted by any', async () => {
    const salon = await createSalonTenant()
    const [old] = await secretsOf(salon.context, 'token')
    const [first, second] = await secretsOf(under(salon, `${NEW},${OLD}`), 'token')
    expect([first, second]).toEqual([(await secretsOf(under(salon, NEW), 'token'))[0], old])
  })
})
