import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importKeyring, type Keyring } from '#crypto/keyring.ts'
import { decrypt, encrypt, headerOf, open, seal, type SealContext } from '#crypto/seal.ts'

const OLD = `old:${new Uint8Array(32).fill(1).toBase64()}`
const NEW = `new:${new Uint8Array(32).fill(2).toBase64()}`
const CONTEXT: SealContext = {
  table: 'crm_integrations',
  column: 'api_key',
  integrationId: '11111111-1111-4111-8111-111111111111',
  businessId: '22222222-2222-4222-8222-222222222222',
}
const hex = (text: string) => Uint8Array.fromHex(text)

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'opened',
    (error: { code?: unknown }) => error.code,
  )
}

/**
 * From "The Galois/Counter Mode of Operation", McGrew and Viega, appendix B: the cases with 256-bit keys and a 96-bit
 * IV.
 */
const VECTORS = [
  {
    name: '13',
    key: '00'.repeat(32),
    iv: '00'.repeat(12),
    plain: '',
    aad: '',
    cipher: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    ...{ name: '14', key: '00'.repeat(32), iv: '00'.repeat(12), plain: '00'.repeat(16), aad: '' },
    ...{ cipher: 'cea7403d4d606b6e074ec5d3baf39d18', tag: 'd0d1c8a799996bf0265b98b5d48ab919' },
  },
  {
    ...{
      name: '15',
      key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      iv: 'cafebabefacedbaddecaf888',
    },
    plain:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
    aad: '',
    cipher:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    ...{
      name: '16',
      key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      iv: 'cafebabefacedbaddecaf888',
    },
    plain:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    cipher:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
]

describe('AES-256-GCM', () => {
  it.each(VECTORS)('gives the known answer of test case $name', async ({ key, iv, plain, aad, cipher, tag }) => {
    const imported = await crypto.subtle.importKey('raw', hex(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
    const sealed = await encrypt(imported, hex(iv), hex(plain), hex(aad))
    expect(sealed.toHex()).toBe(cipher + tag)
    expect((await decrypt(imported, hex(iv), hex(cipher + tag), hex(aad))).toHex()).toBe(plain)
  })
})

describe('a sealed value', () => {
  it('opens again, whatever it says', async () => {
    const ring = await importKeyring(NEW)
    for (const text of ['', 'токен', 'x'.repeat(10_000), '\0']) {
      expect(await open(await seal(text, ring, CONTEXT), ring, CONTEXT)).toBe(text)
    }
  })

  it('looks different every time and shows nothing', async () => {
    const ring = await importKeyring(NEW)
    const sealed = await Promise.all(
      Array.from({ length: 20 }, async () => (await seal('token', ring, CONTEXT)).toHex()),
    )
    expect(new Set(sealed).size).toBe(20)
    expect(sealed.join('')).not.toContain(new TextEncoder().encode('token').toHex())
  })

  it('does not open when any single byte of it is changed, added or missing', async () => {
    const ring = await importKeyring(`${NEW},${OLD}`)
    const sealed = await seal('a partner token', ring, CONTEXT)
    for (const [index, byte] of sealed.entries()) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const flipped = sealed.with(index, byte ^ mask)
        expect(await failure(open(flipped, ring, CONTEXT)), `byte ${index}`).toMatch(
          /^(tampered|unknown_key|unknown_version)$/,
        )
      }
      expect(await failure(open(sealed.slice(0, index), ring, CONTEXT))).not.toBe('opened')
    }
    expect(await failure(open(new Uint8Array([...sealed, 0]), ring, CONTEXT))).toBe('tampered')
  })

  it.each([
    ['row', { integrationId: '33333333-3333-4333-8333-333333333333' }],
    ['business', { businessId: '33333333-3333-4333-8333-333333333333' }],
    ['column', { column: 'api_secret' }],
    ['table', { table: 'oauth_states' }],
  ])('does not open when it is copied to another %s', async (_name, change) => {
    const ring = await importKeyring(NEW)
    const sealed = await seal('token', ring, CONTEXT)
    expect(await failure(open(sealed, ring, { ...CONTEXT, ...change }))).toBe('tampered')
  })

  it('has the documented form: an independent implementation opens it', async () => {
    const ring = await importKeyring(NEW)
    const sealed = await seal('токен партнёра', ring, CONTEXT)
    expect([...sealed.slice(0, 5)]).toEqual([1, 3, ...new TextEncoder().encode('new')])
    const { table, column, integrationId, businessId } = CONTEXT
    const place = new TextEncoder().encode(JSON.stringify([table, column, integrationId, businessId]))
    const decipher = createDecipheriv('aes-256-gcm', new Uint8Array(32).fill(2), sealed.slice(5, 17))
    decipher.setAAD(new Uint8Array([...sealed.slice(0, 5), ...place]))
    decipher.setAuthTag(sealed.slice(-16))
    const text = decipher.update(sealed.slice(17, -16), undefined, 'utf8') + decipher.final('utf8')
    expect(text).toBe('токен партнёра')
  })
})

describe('a ring of two keys', () => {
  it('seals with the first, opens with both, and tells what to seal anew', async () => {
    const [before, both, after] = await Promise.all([OLD, `${NEW},${OLD}`, NEW].map(importKeyring))
    if (!before || !both || !after) throw new Error('three rings')
    const old = await seal('token', before, CONTEXT)
    const fresh = await seal('token', both, CONTEXT)
    expect(await open(old, both, CONTEXT)).toBe('token')
    expect(await open(fresh, after, CONTEXT)).toBe('token')
    const header = headerOf('new')
    expect([old, fresh].map((sealed) => sealed.subarray(0, header.length))).toEqual([headerOf('old'), header])
    expect(await failure(open(old, after, CONTEXT))).toBe('unknown_key')
  })

  it('does not open with another key of the same name', async () => {
    const other = await importKeyring(NEW.replace('new:', 'old:'))
    const sealed = await seal('token', await importKeyring(OLD), CONTEXT)
    expect(await failure(open(sealed, other, CONTEXT))).toBe('tampered')
  })

  it('holds keys that nobody can export', async () => {
    const ring: Keyring = await importKeyring(NEW)
    await expect(crypto.subtle.exportKey('raw', ring.sealing.key)).rejects.toThrow()
  })

  it.each([
    '',
    'new',
    'new:',
    'new:abc',
    `new:${new Uint8Array(16).toBase64()}`,
    `:${NEW.slice(4)}`,
    `${NEW},${NEW}`,
    `a b:${NEW.slice(4)}`,
  ])('is refused when it says %j, without repeating it', async (text) => {
    const message = await importKeyring(text).then(
      () => 'imported',
      (error: Error) => error.message,
    )
    expect(message).toContain('ENCRYPTION_KEYS')
    if (text.length > 4) expect(message).not.toContain(text)
  })
})
