// What the refusals of every vendor share. Which of them are the vendor's own word stands in each connector.
import type { HttpResponse } from '#lib/egress.ts'

/** All but 429: what a pause means is the same whoever answers, and egress takes it. */
export const CLIENT_ERRORS: readonly number[] = Array.from({ length: 100 }, (_, index) => 400 + index).filter(
  (status) => status !== 429,
)

/** Bytes that are no text: what a proxy has packed and nobody unpacked. */
const NO_TEXT = /[^\P{Cc}\s]|\uFFFD/u

export function isPacked(text: string): boolean {
  return NO_TEXT.test(text)
}

/** Null for what is no JSON. */
export function jsonOrNull(response: Pick<HttpResponse, 'json'>): unknown {
  try {
    return response.json()
  } catch {
    return null
  }
}

/** Null for an error page that is no JSON. Throws CrmError for half a document and for a page with status 200. */
export function bodyOf(response: HttpResponse): unknown {
  return response.status < 400 ? response.json() : jsonOrNull(response)
}
