// Recognises files that are not CSV by their first bytes, and refuses them.
import type { FileHead } from '#crm/files.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import { CrmError } from '#lib/crm-error.ts'

const MAGIC: readonly (readonly [reason: Refused, bytes: readonly number[]])[] = [
  ['xlsx', [0x50, 0x4b, 0x03, 0x04]],
  ['xls', [0xd0, 0xcf, 0x11, 0xe0]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['gzip', [0x1f, 0x8b]],
]
const MARKUP = /^\s*<(?:!doctype|!--|html|\?xml|table|head|body|meta|style|script|title|div|center|h[1-6]|pre\b|p\b)/i
const JSON_OBJECT = /^\s*(?:\{\s*["}]|\[\s*\{)/

type Refused = keyof typeof MESSAGES

/** Throws CrmError `malformed`, final: the same file would fail again. */
export function refuse(reason: Refused, params: Readonly<Record<string, string>> = {}): never {
  throw new CrmError('malformed', { reason, params, isFinal: true })
}

export function checkContent({ bytes, isWhole }: FileHead): void {
  for (const [reason, magic] of MAGIC) {
    if (magic.every((byte, index) => bytes[index] === byte)) refuse(reason)
  }
  const beginning = new TextDecoder().decode(bytes.subarray(0, 512))
  if (MARKUP.test(beginning)) refuse('html')
  if (JSON_OBJECT.test(beginning)) refuse('json')
  if (isWhole && beginning.trim() === '' && bytes.byteLength <= 512) refuse('empty')
}
