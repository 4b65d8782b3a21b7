// Texts for people about their files: why a file is refused, why a row is rejected, what a preview is not sure of.
import type { LocalizedText } from '#crm/contract.ts'
import { REFUSALS } from '#crm/csv/refusals.ts'

const REJECTIONS = {
  too_many_cells: {
    en: 'The row has more cells than the header: a separator inside a text, without quotes around it?',
    ru: 'В строке больше ячеек, чем в заголовке: разделитель внутри текста без кавычек?',
  },
  second_table: {
    en: 'The line is of another table, below the one with the sales. Upload that one by itself if it has sales.',
    ru: 'Строка относится к другой таблице, ниже таблицы продаж. Если и в ней продажи, загрузите её отдельно.',
  },
  no_date: { en: 'There is no date.', ru: 'Нет даты.' },
  date_unreadable: {
    en: 'The date or time cannot be read, or there is no such day. Write it like 02.03.2024 09:14.',
    ru: 'Дата или время не читается, или такого дня нет. Запишите так: 02.03.2024 09:14.',
  },
  no_amount: { en: 'There is no amount.', ru: 'Нет суммы.' },
  amount_unreadable: {
    en: 'The amount is not a number. Write it like 1234.50.',
    ru: 'Сумма не является числом. Запишите так: 1234,50.',
  },
  amount_ambiguous: {
    en: 'The amount can be read in two ways (1,234 may be 1234 or 1.234). Write it with two decimals.',
    ru: 'Сумму можно прочесть двояко (1,234 — это 1234 или 1 и 234 тысячных). Запишите её с копейками.',
  },
  amount_too_precise: {
    en: 'The amount has more digits after the decimal mark than its currency has.',
    ru: 'В сумме больше знаков после запятой, чем бывает у этой валюты.',
  },
  currency_differs: {
    en: 'The amount names another currency than the file has.',
    ru: 'В сумме указана не та валюта, что во всём файле.',
  },
  scientific: {
    en: 'Excel has shortened the number and lost digits (1,2E+10). Export with this column as text.',
    ru: 'Excel сократил число и потерял цифры (1,2E+10). Выгрузите этот столбец как текст.',
  },
  word_unknown: {
    en: 'It is not known whether this word means a sale, a refund, paid or not paid. The preview of the file asks.',
    ru: 'Неизвестно, что значит это слово: продажа, возврат, оплачено или нет. Об этом спросит предпросмотр файла.',
  },
  currency_unknown: {
    en: 'The currency is unknown. Write its code, such as USD.',
    ru: 'Неизвестная валюта. Напишите её код, например RUB.',
  },
  quantity_unreadable: { en: 'The quantity is not a number.', ru: 'Количество не является числом.' },
  zone_unknown: { en: 'The time zone is unknown.', ru: 'Неизвестный часовой пояс.' },
  looks_like_totals: {
    en: 'The row looks like a total. If it is a sale, give it a number.',
    ru: 'Строка похожа на итог. Если это продажа, укажите её номер.',
  },
  id_repeats: {
    en: 'Another row has this number with another time or sum. Several tills? Export a column that names the till. Goods of one receipt? Say so in the preview of the file.',
    ru: 'Этот номер есть у другой строки с другим временем или суммой. Касс несколько? Выгрузите столбец с номером кассы. Это товары одного чека? Ответьте так в предпросмотре файла.',
  },
  id_too_long: {
    en: 'The number is too long: at most 150 characters.',
    ru: 'Слишком длинный номер: не больше 150 знаков.',
  },
  not_utf8: {
    en: 'The text is not in the encoding of the file. Save the file anew as “CSV UTF-8”.',
    ru: 'Текст не в кодировке файла. Сохраните файл заново как «CSV UTF-8».',
  },
  row_too_long: {
    en: 'The row is too long: a quote that is never closed?',
    ru: 'Слишком длинная строка: не закрыта кавычка?',
  },
  receipt_incomplete: {
    en: 'Another row of this receipt was rejected: correct that one.',
    ru: 'Другая строка этого чека отклонена: исправьте её.',
  },
  receipt_mixed: {
    en: 'The rows of this receipt contradict each other in sum, kind, status or currency.',
    ru: 'Строки этого чека противоречат друг другу: сумма, вид, статус или валюта.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

const DOUBTS = {
  sheet_read: {
    en: 'The workbook has several sheets: “{sheet}” is read, these are not: {others}. Another one can be named in the settings.',
    ru: 'В книге несколько листов: читается «{sheet}», остальные нет: {others}. Другой лист можно указать в настройках.',
  },
  is_cut: { en: 'Only the beginning of the file was looked at.', ru: 'Просмотрено только начало файла.' },
  no_id: {
    en: 'No column with a number: sales are told apart by their content. A corrected row will count as a new sale.',
    ru: 'Нет столбца с номером: продажи различаются по содержанию. Исправленная строка станет новой продажей.',
  },
  lines_alone: {
    en: 'There are goods in the rows and no receipt number: each row counts as a sale.',
    ru: 'В строках товары, а номера чека нет: каждая строка считается продажей.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

export const MESSAGES = { ...REFUSALS, ...REJECTIONS, ...DOUBTS }
