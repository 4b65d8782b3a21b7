import { customType } from 'drizzle-orm/pg-core'

/**
 * BYTEA that accepts a Uint8Array only. The driver writes an ArrayBuffer as the two bytes `{}` without an error, and
 * WebCrypto returns ArrayBuffers, so every other type is refused here.
 */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  toDriver: (value) => {
    if (!(value instanceof Uint8Array)) throw new TypeError('bytea takes a Uint8Array')
    return value
  },
})

/** A query parameter for a bytea without a typed column, in Postgres' hex form. */
export function hexBytes(value: Uint8Array): string {
  if (!(value instanceof Uint8Array)) throw new TypeError('bytea takes a Uint8Array')
  return `\\x${value.toHex()}`
}

/** The bytes of a bytea in JSON, where Postgres writes them in that form. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer>
export function bytesOf(hex: string | null): Uint8Array<ArrayBuffer> | null
export function bytesOf(hex: string | null): Uint8Array<ArrayBuffer> | null {
  return hex === null ? null : Uint8Array.fromHex(hex.slice(2))
}
