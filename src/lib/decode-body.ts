import { decodeForm, FormError } from '#lib/form.ts'

/** A hundred large orders. Everything that reads a body reads each of them. */
const MEMBERS_MAX = 50_000

export type DecodedBody =
  | { readonly type: 'json' | 'form'; readonly value: unknown }
  | { readonly type: 'unreadable'; readonly reason: string }

/**
 * Decodes the body of a hook as JSON or as a form with PHP's brackets. The text decides which, since content types are
 * often wrong or missing; their charset counts where it is known. A byte order mark is skipped.
 */
export function decodeBody({
  contentType,
  bytes,
}: {
  readonly contentType: string | null
  readonly bytes: Uint8Array
}): DecodedBody {
  const text = decoderFor(contentType).decode(bytes).trim()
  if (text === '') return { type: 'unreadable', reason: 'the body is empty' }
  const isForm = contentType?.includes('form-urlencoded') ?? false
  if (/^[[{"]/.test(text)) {
    if (hasMoreCommas(text, MEMBERS_MAX)) return { type: 'unreadable', reason: 'the body has too many members' }
    try {
      return { type: 'json', value: JSON.parse(text) }
    } catch {
      if (!isForm) return { type: 'unreadable', reason: 'the body is not valid JSON' }
    }
  }
  if (!isForm && !/^[^\s=&]+=/.test(text)) return { type: 'unreadable', reason: 'the body is neither JSON nor a form' }
  try {
    return { type: 'form', value: decodeForm(text) }
  } catch (error) {
    if (!(error instanceof FormError)) throw error
    return { type: 'unreadable', reason: error.message }
  }
}

function hasMoreCommas(text: string, most: number): boolean {
  let count = 0
  for (let at = text.indexOf(','); at !== -1 && count <= most; at = text.indexOf(',', at + 1)) count += 1
  return count > most
}

const UTF_8 = new TextDecoder()

function decoderFor(contentType: string | null): TextDecoder {
  const [, label] = /charset\s*=\s*"?([\w-]+)/i.exec(contentType?.slice(0, 200) ?? '') ?? []
  if (label === undefined) return UTF_8
  try {
    return new TextDecoder(label)
  } catch {
    return UTF_8
  }
}
