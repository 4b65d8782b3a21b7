import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'

export function insufficient(detail: LocalizedText): Problem {
  return new Problem('insufficient_scope', {
    detail,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
  })
}
