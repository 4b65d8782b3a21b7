type Hash = 'SHA-256' | 'SHA-1' | 'SHA-512'

async function importKey(secret: Uint8Array<ArrayBuffer>, hash: Hash, usage: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, [usage])
}

export async function signHmac(
  secret: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  hash: Hash = 'SHA-256',
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await importKey(secret, hash, 'sign'), data))
}

/** WebCrypto compares in constant time. */
export async function verifyHmac(
  secret: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  hash: Hash = 'SHA-256',
): Promise<boolean> {
  return crypto.subtle.verify('HMAC', await importKey(secret, hash, 'verify'), signature, data)
}
