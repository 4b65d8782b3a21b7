// The little of node:crypto that one test uses as an independent implementation; Node's own types clash with the
// Worker's.
declare module 'node:crypto' {
  interface Decipher {
    setAAD(data: Uint8Array): void
    setAuthTag(tag: Uint8Array): void
    update(data: Uint8Array, inputEncoding: undefined, outputEncoding: 'utf8'): string
    final(outputEncoding: 'utf8'): string
  }
  export function createDecipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): Decipher
}
