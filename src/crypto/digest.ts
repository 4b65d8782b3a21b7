const encoder = new TextEncoder()

export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = typeof data === 'string' ? encoder.encode(data) : data
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256(data)).toHex()
}

/** Only for vendors' protocols that require it. No secret of ours depends on it. */
export async function sha1Hex(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-1', encoder.encode(text))).toHex()
}
