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
  amount_rivals: {
    en: 'Several columns may be the amount of the sale: {columns}. Which one is?',
    ru: 'Суммой продажи могут быть несколько столбцов: {columns}. Какой из них верный?',
  },
  date_rivals: {
    en: 'Several columns may be the date of the sale: {columns}. Which one is?',
    ru: 'Датой продажи могут быть несколько столбцов: {columns}. Какой из них верный?',
  },
  id_rivals: {
    en: 'Several columns may be the number of the sale: {columns}. Which one is?',
    ru: 'Номером продажи могут быть несколько столбцов: {columns}. Какой из них верный?',
  },
  kind_rivals: {
    en: 'The columns {columns} contradict each other: a row is a sale by one and a refund by the other. Which one is right?',
    ru: 'Столбцы {columns} противоречат друг другу: по одному строка — продажа, по другому — возврат. Какой из них верный?',
  },
  status_rivals: {
    en: 'The columns {columns} contradict each other: a row is paid by one and cancelled by the other. Which one is right?',
    ru: 'Столбцы {columns} противоречат друг другу: по одному строка оплачена, по другому отменена. Какой из них верный?',
  },
  file_kind: {
    en: 'Above the table stands “{title}”, and no column says what the rows are. What are they?',
    ru: 'Над таблицей написано «{title}», а столбца с видом операции нет. Что это за строки?',
  },
  ended_rows: {
    en: 'In the column “{column}” some rows have a date (line {line}: “{example}”), and no other column says that they are cancelled or refunded. What are these sales?',
    ru: 'В столбце «{column}» у некоторых строк стоит дата (строка {line}: «{example}»), а другие столбцы не говорят, что они отменены или возвращены. Что это за продажи?',
  },
  receipt_sum_repeats: {
    en: 'All lines of a receipt have the same sum in the column “{column}”. Is it the sum of the whole receipt, or of each line?',
    ru: 'В столбце «{column}» у всех строк одного чека одинаковая сумма. Это сумма всего чека или каждой строки?',
  },
  price_quantity: {
    en: 'The price in the column “{price}” times “{quantity}” does not come to the sum in “{column}”. What was paid?',
    ru: 'Цена в столбце «{price}», умноженная на «{quantity}», не даёт суммы в столбце «{column}». Сколько заплачено?',
  },
  change_given: {
    en: 'The column “{column}” has the change that was given. Is the cash what the customer handed over, or what remained?',
    ru: 'В столбце «{column}» стоит сдача. Наличные — это сколько покупатель дал или сколько осталось в кассе?',
  },
  voids_beside: {
    en: 'The column “{column}” has sums of what was cancelled. Are they still in the sum in “{amount}”?',
    ru: 'В столбце «{column}» — суммы отменённого. Входят ли они ещё в сумму в столбце «{amount}»?',
  },
  numberless_totals: {
    en: 'Line {line} has no number in the column “{column}”, and its sum is that of the rows with numbers beside it. Is it their total?',
    ru: 'В строке {line} нет номера в столбце «{column}», а её сумма равна сумме соседних строк с номерами. Это их итог?',
  },
  money_out: {
    en: 'The columns {columns} have money that came in and went out, and no word says what went out (“{column}”: {example}). What are these rows?',
    ru: 'В столбцах {columns} — деньги, которые пришли и ушли, и ничто не говорит, за что ушли («{column}»: {example}). Что это за строки?',
  },
  negative_sums: {
    en: 'There are sums below zero in the column “{column}” ({example}), and no word says that they are refunds. What are they?',
    ru: 'В столбце «{column}» есть суммы меньше нуля ({example}), и ничто не говорит, что это возвраты. Что это?',
  },
  ids_repeat: {
    en: 'The number “{example}” in the column “{column}” is there several times with another time or sum. What are these rows?',
    ru: 'Номер «{example}» в столбце «{column}» встречается несколько раз с другим временем или суммой. Что это за строки?',
  },
  looks_like_totals: {
    en: 'Line {line} (“{example}”) looks like a total, but does not come to the rows above it. What is it?',
    ru: 'Строка {line} («{example}») похожа на итог, но не сходится с суммой строк над ней. Что это?',
  },
  currency_differs: {
    en: 'The column “{column}” has sums in {file}, and the settings say {ours}. Which is right?',
    ru: 'В столбце «{column}» суммы в валюте {file}, а в настройках указана {ours}. Что верно?',
  },
  unit_differs: {
    en: 'By its header, one unit of the column “{column}” is {file} of the currency; the settings say {ours}. Which is right?',
    ru: 'Судя по заголовку «{column}», единица в нём — {file} валюты, а по настройкам — {ours}. Что верно?',
  },
  zone_differs: {
    en: 'By the header “{column}” times are those of {file}, and the settings say {ours}. Which is right?',
    ru: 'Судя по заголовку «{column}», время указано по {file}, а в настройках — {ours}. Что верно?',
  },
  number_reused: {
    en: 'The number “{example}” is stored already, with another time and another sum. Is this sale another one?',
    ru: 'Номер «{example}» уже загружен с другим временем и другой суммой. Это другая продажа?',
  },
  seem_stored: {
    en: '{count} of {of} new sales seem to be stored already under other numbers: the time and the sum are the same. Have the columns changed since the last file? If these are the same sales, upload the file as it was exported before.',
    ru: '{count} из {of} новых продаж, похоже, уже загружены под другими номерами: время и сумма совпадают. С прошлого файла изменились столбцы? Если это те же продажи, загрузите файл в прежнем виде.',
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
  file: { en: 'the file is right', ru: 'верно в файле' },
  settings: { en: 'the settings are right', ru: 'верно в настройках' },
  once: { en: 'of the whole receipt: count it once', ru: 'сумма всего чека: считать один раз' },
  add: { en: 'of each line: add them up', ru: 'сумма строки: сложить' },
  take_off: { en: 'handed over: take the change off', ru: 'сколько дал: вычесть сдачу' },
  without: { en: 'what remained: the change is off already', ru: 'сколько осталось: сдача уже вычтена' },
  as_it_is: { en: 'the sum as it stands in the file', ru: 'сумма, как она стоит в файле' },
  take_voids_off: { en: 'they are in it: take them off', ru: 'входят: вычесть их' },
  multiply: { en: 'the price times the quantity', ru: 'цена, умноженная на количество' },
  other_till: {
    en: 'sales of several tills or shifts: keep them all',
    ru: 'продажи разных касс или смен: сохранить все',
  },
  one_receipt: { en: 'parts of one sale: add them up', ru: 'части одной продажи: сложить' },
  latest: {
    en: 'news of one sale: the last row is right',
    ru: 'изменения одной продажи: верна последняя строка',
  },
  leave_out: { en: 'a mistake: leave out all but the first', ru: 'ошибка: оставить только первую' },
  skip: { en: 'a total: leave it out', ru: 'итог: пропустить' },
  corrected: { en: 'the same sale, corrected: change it', ru: 'та же продажа, исправленная: изменить её' },
  store: { en: 'other sales: store them too', ru: 'это другие продажи: загрузить и их' },
  nothing: { en: 'this column says nothing about sales', ru: 'этот столбец ничего не говорит о продажах' },
} as const satisfies Readonly<Record<string, LocalizedText>>
