// What is asked about a file, and the answers to choose from.
import type { LocalizedText } from '#crm/contract.ts'

export const QUESTIONS = {
  date_order: {
    en: 'In the column “{column}” day and month cannot be told apart: “{example}” can be read in two ways. Which comes first?',
    ru: 'В столбце «{column}» день и месяц не различить: «{example}» читается двояко. Что стоит первым?',
  },
  words_unknown: {
    en: 'The column “{column}” has the word “{word}”, which is unknown here. What does it mean?',
    ru: 'В столбце «{column}» есть слово «{word}», значение которого неизвестно. Что оно означает?',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

/** By the name of the option. */
export const LABELS = {
  dmy: { en: 'the day first', ru: 'сначала день' },
  mdy: { en: 'the month first', ru: 'сначала месяц' },
  sale: { en: 'a sale', ru: 'продажа' },
  refund: { en: 'a refund', ru: 'возврат' },
  ignore: { en: 'not a sale: leave it out', ru: 'не продажа: пропустить' },
  paid: { en: 'paid', ru: 'оплачено' },
  unpaid: { en: 'not paid yet', ru: 'ещё не оплачено' },
  cancelled: { en: 'cancelled', ru: 'отменено' },
  nothing: { en: 'this column says nothing about sales', ru: 'этот столбец ничего не говорит о продажах' },
} as const satisfies Readonly<Record<string, LocalizedText>>
