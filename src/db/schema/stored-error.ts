import type { CrmErrorKind } from '#lib/crm-error.ts'
import type { Language } from '#lib/localized.ts'

/** Why a run failed or waits. The texts were rendered from the message table when it was stored. */
export interface StoredError {
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
  /** English. */
  readonly message: string
  readonly messageRu?: string
}

/** The kind, and after a dot the cause where it is known. */
export function codeOf({ kind, reason }: Pick<StoredError, 'kind' | 'reason'>): string {
  return reason === null ? kind : `${kind}.${reason}`
}

export function messageOf({ message, messageRu = message }: StoredError, language: Language): string {
  return language === 'ru' ? messageRu : message
}
