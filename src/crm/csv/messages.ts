// Texts for people about their files: why a file is refused, why a row is rejected, what a preview is not sure of.
import type { LocalizedText } from '#crm/contract.ts'

const EXCEL: LocalizedText = {
  en: 'In Excel: File → Save as → CSV UTF-8 (comma delimited).',
  ru: 'В Excel: «Файл» → «Сохранить как» → «CSV UTF-8 (разделители — запятые)».',
}

const REFUSALS = {
  empty: { en: 'The file is empty.', ru: 'Файл пуст.' },
  xlsx: {
    en: `This is an Excel workbook or a ZIP archive, not CSV. Unpack an archive. ${EXCEL.en}`,
    ru: `Это книга Excel или архив ZIP, а не CSV. Архив распакуйте. ${EXCEL.ru}`,
  },
  xls: {
    en: `This is an old Excel workbook, not CSV. ${EXCEL.en}`,
    ru: `Это книга старого Excel, а не CSV. ${EXCEL.ru}`,
  },
  html: {
    en: `This is a web page or an XML table, not CSV. Open it in Excel and save it anew. ${EXCEL.en}`,
    ru: `Это веб-страница или XML-таблица, а не CSV. Откройте её в Excel и сохраните заново. ${EXCEL.ru}`,
  },
  json: {
    en: 'This is JSON, not CSV. Export the sales as a table (CSV).',
    ru: 'Это JSON, а не CSV. Выгрузите продажи таблицей (CSV).',
  },
  pdf: {
    en: 'This is a PDF. Export the report as a table (CSV) instead.',
    ru: 'Это PDF. Выгрузите отчёт таблицей (CSV).',
  },
  gzip: { en: 'The file is compressed. Unpack it first.', ru: 'Файл сжат. Сначала распакуйте его.' },
  no_table: {
    en: 'No table was found in the file. Cells have to be separated by ; , tab or |; another mark can be set as `delimiter`.',
    ru: 'В файле не найдена таблица. Ячейки должны разделяться знаком ; , табуляцией или |; другой знак можно указать в `delimiter`.',
  },
  no_date_column: {
    en: 'No column for the date was found. Name it in `mapping.date`. Columns: {columns}.',
    ru: 'Не найден столбец с датой. Укажите его в `mapping.date`. Столбцы: {columns}.',
  },
  no_amount_column: {
    en: 'No column for the amount was found. Name it in `mapping.amount`. Columns: {columns}.',
    ru: 'Не найден столбец с суммой. Укажите его в `mapping.amount`. Столбцы: {columns}.',
  },
  column_missing: {
    en: 'The settings name a column “{column}”, and the file has none. Correct `mapping` or the file.',
    ru: 'В настройках указан столбец «{column}», а в файле его нет. Исправьте `mapping` или файл.',
  },
  mapping_unconfirmed: {
    en: 'The file leaves a question open: {en}',
    ru: 'О файле есть вопрос: {ru}',
  },
  no_rows: { en: 'The file has a header and no rows.', ru: 'В файле есть заголовок, но нет строк.' },
  file_gone: {
    en: 'The file is kept for three days and is here no longer. Upload it again.',
    ru: 'Файл хранится три дня, и его уже нет. Загрузите его ещё раз.',
  },
  file_too_large: {
    en: 'The file at the address is larger than allowed. Let it hold a shorter period.',
    ru: 'Файл по этому адресу больше допустимого. Пусть он содержит меньший период.',
  },
  password_asked: {
    en: 'The address asks for a password, and files are fetched without one. Set an address that gives the file without it.',
    ru: 'Адрес спрашивает пароль, а файл забирается без пароля. Укажите адрес, по которому файл открывается без него.',
  },
  address_refuses: {
    en: 'The address refuses the file (status {status}). If that lasts, give access to everyone who has the link, or set another address.',
    ru: 'Адрес не отдаёт файл (статус {status}). Если это длится, откройте доступ всем, у кого есть ссылка, или укажите другой адрес.',
  },
  file_missing: {
    en: 'There is no file at the address (status {status}). If that lasts, put it back or correct the address. Nothing was changed.',
    ru: 'По этому адресу нет файла (статус {status}). Если это длится, верните файл или исправьте адрес. Данные не изменены.',
  },
  html_page: {
    en: 'The address gives a web page instead of a file. If it is a share link, take the one for direct download.',
    ru: 'По адресу открывается веб-страница, а не файл. Если это ссылка на диск, возьмите ссылку для скачивания.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

const REJECTIONS = {
  too_many_cells: {
    en: 'The row has more cells than the header: a separator inside a text, without quotes around it?',
    ru: 'В строке больше ячеек, чем в заголовке: разделитель внутри текста без кавычек?',
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
