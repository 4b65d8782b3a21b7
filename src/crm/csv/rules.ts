// Why rows of a file count as they do. The mapping takes the status of each from here (crm/rules.ts).
import type { CanonicalTransaction } from '#crm/contract.ts'
import { applying, type Decision, type Rules } from '#crm/rules.ts'

export const RULES = {
  row_paid: {
    outcome: 'paid',
    text: {
      en: 'the row is a sale, and no word in it says that it is not paid',
      ru: 'строка – продажа, и ни одно слово в ней не говорит, что она не оплачена',
    },
  },
  row_refund: {
    outcome: 'paid',
    text: {
      en: 'the row is a refund, by its word, its sign or its column of refunds',
      ru: 'строка – возврат: по слову, по знаку суммы или по столбцу возвратов',
    },
  },
  row_unpaid: {
    outcome: 'unpaid',
    text: { en: 'a word in the row says that it is not paid', ru: 'слово в строке говорит, что она не оплачена' },
  },
  row_cancelled: {
    outcome: 'cancelled',
    text: {
      en: 'a word in the row says that it is cancelled, or its column of cancellations is filled',
      ru: 'слово в строке говорит, что она отменена, или заполнен столбец отмены',
    },
  },
} as const satisfies Rules

const { decide } = applying(RULES)

export function decideRow({ kind, status }: Pick<CanonicalTransaction, 'kind' | 'status'>): Decision {
  return decide(kind === 'refund' && status === 'paid' ? 'row_refund' : `row_${status}`)
}
