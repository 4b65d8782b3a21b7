import { describe, expect, it } from 'vitest'
import { sha256Hex } from '#crypto/digest.ts'
import { isEqual } from '#crypto/equal.ts'
import { signHmac, verifyHmac } from '#crypto/hmac.ts'

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text))

/** RFC 4231, test cases 1 and 2. */
const VECTORS: readonly { key: Uint8Array<ArrayBuffer>; data: Uint8Array<ArrayBuffer>; mac: string }[] = [
  {
    ...{ key: new Uint8Array(20).fill(0x0b), data: bytes('Hi There') },
    mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    ...{ key: bytes('Jefe'), data: bytes('what do ya want for nothing?') },
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
]

describe('HMAC-SHA-256', () => {
  it.each(VECTORS)('gives the known answer $mac', async ({ key, data, mac }) => {
    expect((await signHmac(key, data)).toHex()).toBe(mac)
    expect(await verifyHmac(key, Uint8Array.fromHex(mac), data)).toBe(true)
  })

  it('does not verify with any byte changed', async () => {
    const [key, data] = [bytes('a key'), bytes('what was said')]
    const signature = await signHmac(key, data)
    for (const [index, byte] of signature.entries()) {
      expect(await verifyHmac(key, signature.with(index, byte ^ 1), data)).toBe(false)
    }
  })
})

it('hashes by SHA-256 (FIPS 180-4)', async () => {
  expect(await sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

it('compares texts of whatever length', async () => {
  expect(await Promise.all([isEqual('a', 'a'), isEqual('a', 'b'), isEqual('a', 'aa'), isEqual('', '')])).toEqual([
    true,
    false,
    false,
    true,
  ])
})
