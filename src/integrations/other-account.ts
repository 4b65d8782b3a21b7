// The sales of an integration are those of one account. Credentials that open another one would mix the two, so they
// are refused: for another account the integration is deleted and made anew.
import type { StoredAccount } from '#db/schema/crm-integrations.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { type Identity, isSameAccount } from '#integrations/same-account.ts'

/** The line of a connection test that fails. */
export const SAME_ACCOUNT = 'same_account'

/** Null account: no test has passed yet, so there is nothing to compare with. */
export function isOtherAccount(stored: StoredAccount | null, found: Identity): boolean {
  return stored !== null && stored.changed !== 'settings' && !isSameAccount(stored, found)
}

export function otherAccountDetail({ name }: Pick<StoredAccount, 'name'>): LocalizedText {
  return {
    en: `These credentials open another account than “${name}”, whose sales are here. Enter those of “${name}”, or delete the integration and connect the other account anew.`,
    ru: `Эти ключи открывают другой аккаунт, а здесь продажи аккаунта «${name}». Введите ключи от «${name}» или удалите подключение и подключите другой аккаунт заново.`,
  }
}

export function otherAccount(stored: Pick<StoredAccount, 'name'>, extensions: Record<string, unknown> = {}): Problem {
  return new Problem('other_account', { detail: otherAccountDetail(stored), extensions })
}
