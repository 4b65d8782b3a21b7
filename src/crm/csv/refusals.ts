// Why a whole file is refused, and what to do instead.
import type { LocalizedText } from '#crm/contract.ts'

const EXCEL: LocalizedText = {
  en: 'In Excel: File → Save as → CSV UTF-8 (comma delimited).',
  ru: 'В Excel: «Файл» → «Сохранить как» → «CSV UTF-8 (разделители — запятые)».',
}
const EXPORT: LocalizedText = {
  en: 'Export the sales as a table instead: CSV or Excel (xlsx).',
  ru: 'Выгрузите продажи таблицей: CSV или Excel (xlsx).',
}
const AS_CSV: LocalizedText = {
  en: 'Open it in Excel and save it as CSV (File → Save as → CSV UTF-8), then upload that.',
  ru: 'Откройте её в Excel, сохраните как CSV («Файл» → «Сохранить как» → «CSV UTF-8») и загрузите этот файл.',
}

const FILES = {
  empty: { en: 'The file is empty.', ru: 'Файл пуст.' },
  xlsx: {
    en: `This is an Excel workbook that cannot be read. Save it anew as xlsx or CSV. ${EXCEL.en}`,
    ru: `Это книга Excel, которую не удаётся прочесть. Сохраните её заново как xlsx или CSV. ${EXCEL.ru}`,
  },
  workbook_damaged: {
    en: `This workbook is damaged, or the program that wrote it did not keep to Excel’s format. ${AS_CSV.en}`,
    ru: `Эта книга повреждена или записана не по правилам Excel. ${AS_CSV.ru}`,
  },
  workbook_too_large: {
    en: `This workbook is too large: at most 50 MB, with 32 MB of texts, are read. ${AS_CSV.en}`,
    ru: `Эта книга слишком велика: читаются книги до 50 МБ, в которых до 32 МБ текстов. ${AS_CSV.ru}`,
  },
  sheet_missing: {
    en: 'The workbook has no sheet “{sheet}” that could be read. Its sheets: {sheets}.',
    ru: 'В книге нет листа «{sheet}», который можно прочесть. Листы: {sheets}.',
  },
  sheet_empty: {
    en: 'The sheet “{sheet}” is empty. Other sheets: {sheets}. Put the sheet with the sales first, or name it in the settings.',
    ru: 'Лист «{sheet}» пуст. Другие листы: {sheets}. Поставьте лист с продажами первым или укажите его имя в настройках.',
  },
  xls: {
    en: `This is an old Excel workbook (xls). Save it as xlsx or CSV. ${EXCEL.en}`,
    ru: `Это книга старого Excel (xls). Сохраните её как xlsx или CSV. ${EXCEL.ru}`,
  },
  encrypted: {
    en: 'The workbook is protected by a password. Save it without one.',
    ru: 'Книга защищена паролем. Сохраните её без пароля.',
  },
  ods: {
    en: 'This is a LibreOffice table (ods). There: File → Save as → CSV or xlsx.',
    ru: 'Это таблица LibreOffice (ods). В нём: «Файл» → «Сохранить как» → CSV или xlsx.',
  },
  numbers: {
    en: 'This is an Apple Numbers table. There: File → Export to → CSV.',
    ru: 'Это таблица Apple Numbers. В нём: «Файл» → «Экспортировать в» → CSV.',
  },
  spreadsheet: {
    en: `This is a table in the format {format}. Open it in Excel and save it as CSV. ${EXCEL.en}`,
    ru: `Это таблица в формате {format}. Откройте её в Excel и сохраните как CSV. ${EXCEL.ru}`,
  },
  html: {
    en: `This is a web page or an XML table, not CSV. Open it in Excel and save it anew. ${EXCEL.en}`,
    ru: `Это веб-страница или XML-таблица, а не CSV. Откройте её в Excel и сохраните заново. ${EXCEL.ru}`,
  },
  document: {
    en: `This is a text document ({format}), not a table. ${EXPORT.en}`,
    ru: `Это текстовый документ ({format}), а не таблица. ${EXPORT.ru}`,
  },
  pdf: { en: `This is a PDF. ${EXPORT.en}`, ru: `Это PDF. ${EXPORT.ru}` },
  archive: {
    en: 'This is an archive ({format}). Unpack it and upload the file that is in it.',
    ru: 'Это архив {format}. Распакуйте его и загрузите файл, который в нём лежит.',
  },
  compressed: {
    en: 'The file is compressed ({format}). Unpack it first.',
    ru: 'Файл сжат ({format}). Сначала распакуйте его.',
  },
  image: {
    en: `This is a picture ({format}). Sales cannot be read from it. ${EXPORT.en}`,
    ru: `Это картинка ({format}), продажи из неё не прочесть. ${EXPORT.ru}`,
  },
  dbf: {
    en: `This is a DBF table (dBASE, old 1C). Open it in Excel or LibreOffice and save it as CSV. ${EXCEL.en}`,
    ru: `Это DBF (таблица dBASE или старой 1С). Откройте её в Excel или LibreOffice и сохраните как CSV. ${EXCEL.ru}`,
  },
  database: { en: `This is a database ({format}). ${EXPORT.en}`, ru: `Это база данных ({format}). ${EXPORT.ru}` },
  json: { en: `This is {format}, not a table. ${EXPORT.en}`, ru: `Это {format}, а не таблица. ${EXPORT.ru}` },
  xml: { en: `This is XML, not a table. ${EXPORT.en}`, ru: `Это XML, а не таблица. ${EXPORT.ru}` },
  bank_1c: {
    en: 'This is a bank statement for 1C ({format}), not a table. Export the statement as CSV or Excel (xlsx).',
    ru: 'Это выписка для 1С ({format}), а не таблица. Выгрузите в банке выписку в CSV или Excel (xlsx).',
  },
  statement: {
    en: 'This is {format}, a bank statement, not a table. Export the statement as CSV or Excel (xlsx).',
    ru: 'Это {format}, банковская выписка, а не таблица. Выгрузите в банке выписку в CSV или Excel (xlsx).',
  },
  email: {
    en: 'This is an e-mail. Upload the file that is attached to it.',
    ru: 'Это письмо. Загрузите файл, который к нему приложен.',
  },
  other_format: {
    en: `This is {format}, not a table of sales. ${EXPORT.en}`,
    ru: `Это {format}, а не таблица продаж. ${EXPORT.ru}`,
  },
  utf32: {
    en: 'The text is in UTF-32. Save it as UTF-8.',
    ru: 'Текст в кодировке UTF-32. Сохраните его в UTF-8.',
  },
  binary: {
    en: `This is not a text file. ${EXPORT.en}`,
    ru: `Это не текстовый файл. ${EXPORT.ru}`,
  },
} as const satisfies Readonly<Record<string, LocalizedText>>

const TABLES = {
  no_table: {
    en: 'No table was found in the file: its cells have to be separated by a semicolon, comma, tab or bar.',
    ru: 'В файле не найдена таблица: ячейки должны разделяться точкой с запятой, запятой, табуляцией или чертой.',
  },
  fixed_width: {
    en: 'The columns are aligned with spaces, so it cannot be told where a cell ends. Export the table as CSV with semicolons between the cells, or as Excel (xlsx).',
    ru: 'Столбцы выровнены пробелами: где кончается ячейка, понять нельзя. Выгрузите таблицу в CSV с точкой с запятой между ячейками или в Excel (xlsx).',
  },
  too_many_columns: {
    en: 'The table has {count} columns, and {most} at most can be read. Export fewer columns: date, sum, number, customer.',
    ru: 'В таблице столбцов: {count}, а прочесть можно не больше {most}. Выгрузите меньше столбцов: дату, сумму, номер, клиента.',
  },
  decimal_commas: {
    en: 'Cells are separated by commas, and the sums have commas of their own, as in line {line}. Export with semicolons between the cells, or with the sums in quotes.',
    ru: 'Ячейки разделены запятыми, и в суммах тоже запятые, как в строке {line}. Выгрузите файл с точкой с запятой между ячейками или с суммами в кавычках.',
  },
  no_header: {
    en: 'The file has no header, the line with the names of the columns: line {line} is data already. Export the table with the names of the columns, or put them above it, for example: Date, Number, Sum.',
    ru: 'В файле нет заголовка — строки с названиями столбцов: в строке {line} уже данные. Выгрузите таблицу с названиями столбцов или впишите их строкой выше, например: Дата, Номер, Сумма.',
  },
  no_date_column: {
    en: 'No column with the date of the sale was found. Columns of the file: {columns}.',
    ru: 'Не найден столбец с датой продажи. Столбцы файла: {columns}.',
  },
  no_amount_column: {
    en: 'No column with the sum of the sale was found. Columns of the file: {columns}.',
    ru: 'Не найден столбец с суммой продажи. Столбцы файла: {columns}.',
  },
  column_missing: {
    en: 'The settings name a column “{column}”, and the file has none.',
    ru: 'В настройках указан столбец «{column}», а в файле его нет.',
  },
  mapping_unconfirmed: {
    en: 'Nothing of the file was stored, as it leaves a question open. {en} Look at a preview of the file, choose the answer and save it as a format.',
    ru: 'Из файла ничего не загружено: о нём есть вопрос. {ru} Откройте предварительный просмотр файла, выберите ответ и сохраните его как формат.',
  },
  no_rows: { en: 'The file has a header and no rows.', ru: 'В файле есть заголовок, но нет строк.' },
} as const satisfies Readonly<Record<string, LocalizedText>>

const ADDRESS = {
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

export const REFUSALS = { ...FILES, ...TABLES, ...ADDRESS }
