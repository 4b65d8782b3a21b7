import type * as z from 'zod'
import { Problem } from '#lib/errors.ts'

/** An opaque cursor: the sort key of a page's last row. */
export function encodeCursor(parts: readonly unknown[]): string {
  return new TextEncoder().encode(JSON.stringify(parts)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** Null when the text is not a cursor of this shape. */
export function decodeCursor<T>(text: string, shape: z.ZodType<T>): T | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet: 'base64url' })))
    return shape.safeParse(json).data ?? null
  } catch {
    return null
  }
}

export function cursorProblem(): Problem {
  return new Problem('invalid_request', { errors: [{ path: 'query.cursor', message: 'is not a cursor of this list' }] })
}
