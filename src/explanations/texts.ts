// The sentences of an explanation: what the CRM says now, then what is stored of it.
import type { CanonicalTransaction, LocalizedText } from '#crm/contract.ts'
import { fill } from '#crm/messages.ts'

export type Status = CanonicalTransaction['status']

export const STATUS_WORDS: Readonly<Record<Status, LocalizedText>> = {
  paid: { en: 'paid', ru: 'оплачено' },
  unpaid: { en: 'not paid', ru: 'не оплачено' },
  cancelled: { en: 'cancelled', ru: 'отменено' },
}

export const SENTENCES = {
  ruled: { en: 'In the CRM now: {rule}.', ru: 'Сейчас в CRM: {rule}.' },
  unreadable: {
    en: 'The CRM shows this record, but it cannot be read: {reason}.',
    ru: 'CRM показывает эту запись, но её не удаётся разобрать: {reason}.',
  },
  failed: {
    en: 'What the CRM says now could not be read. {detail}',
    ru: 'Узнать, что сейчас в CRM, не удалось. {detail}',
  },
  not_asked: {
    en: 'Sales of this integration come from files, so there is no CRM to ask.',
    ru: 'Продажи этого подключения приходят из файлов, поэтому спросить CRM нельзя.',
  },
  ruled_by_file: { en: 'In its file: {rule}.', ru: 'В её файле: {rule}.' },
  undone: {
    en: 'The import that had brought its former state was taken back.',
    ru: 'Загрузка, из которой взято прежнее состояние, отменена.',
  },
  stored_same: { en: 'It is stored here in the same way: {status}.', ru: 'Здесь сохранено так же: {status}.' },
  stored_as: { en: 'It is stored here as: {status}.', ru: 'Здесь сохранено: {status}.' },
  stored_differs: {
    en: 'It is stored here otherwise ({status}): the next sync brings what the CRM shows; if it is older than what is synced, start a backfill of its day.',
    ru: 'Здесь сохранено иначе ({status}): следующая синхронизация загрузит то, что показывает CRM; если она старше загружаемого периода, запустите загрузку её дня.',
  },
  stored_elsewhere: {
    en: 'The same sale is stored here under the id {id}, by which the CRM had shown it before.',
    ru: 'Эта же продажа сохранена здесь под номером {id}: под ним CRM показала её раньше.',
  },
  not_stored_yet: {
    en: 'It is not stored here yet: the next sync brings it; if it is older than what is synced, start a backfill of its day.',
    ru: 'Здесь её ещё нет: её загрузит следующая синхронизация; если она старше загружаемого периода, запустите загрузку её дня.',
  },
  never_paid: {
    en: 'It was never seen paid, so it is not stored: a sale enters when it is first paid.',
    ru: 'Оплаченной её не видели, поэтому её здесь нет: продажа сохраняется, когда впервые оплачена.',
  },
  no_sale: { en: 'So it is not stored.', ru: 'Поэтому здесь её нет.' },
  quarantined: {
    en: 'It waits in quarantine and is read again once our support has looked into it.',
    ru: 'Она ждёт в карантине и будет прочитана снова, когда с ней разберётся наша поддержка.',
  },
  nothing_stored: { en: 'Nothing of it is stored here.', ru: 'Здесь ничего о ней не сохранено.' },
} as const satisfies Readonly<Record<string, LocalizedText>>

export type Sentence = keyof typeof SENTENCES

export function say(sentence: Sentence, params: Readonly<Record<string, LocalizedText>> = {}): LocalizedText {
  const values = (language: keyof LocalizedText) =>
    Object.fromEntries(Object.entries(params).map(([name, text]) => [name, text[language]]))
  const { en, ru } = SENTENCES[sentence]
  return { en: fill(en, values('en')), ru: fill(ru, values('ru')) }
}
