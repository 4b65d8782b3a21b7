import { COMMON, type ConnectForm } from '#crm/form.ts'
import type { Settings } from '#crm/csv/settings.ts'

export const FORM: ConnectForm<Settings> = {
  apiUrl: {
    label: { en: 'Address of a file', ru: 'Адрес файла' },
    help: {
      en: 'Only when the file is to be fetched from the internet by itself. Otherwise upload files.',
      ru: 'Только если файл нужно забирать из интернета автоматически. Иначе загружайте файлы сами.',
    },
  },
  minutes: 5,
  guide: {
    en: [
      'Export the sales of your till or program as CSV or Excel.',
      'Upload the file: the preview shows how its columns are understood, and asks where something is not clear.',
      'Answer the questions once; files of this kind are known from then on.',
    ],
    ru: [
      'Выгрузите продажи из кассы или программы в CSV или Excel.',
      'Загрузите файл: предпросмотр покажет, как поняты его колонки, и спросит, если что-то неясно.',
      'Ответьте на вопросы один раз: дальше такие файлы узнаются сами.',
    ],
  },
  settings: {
    mapping: {
      title: { en: 'Columns', ru: 'Колонки' },
      help: {
        en: 'Which column is what. Left out: found by their names.',
        ru: 'Что в какой колонке. Если не указано, определяется по названиям.',
      },
    },
    timezone: COMMON.timezone,
    currency: COMMON.currency,
    rows: {
      title: { en: 'What a row is', ru: 'Что в строке' },
      help: { en: 'A sale, or a line of one.', ru: 'Целая продажа или одна её позиция.' },
      options: {
        auto: { en: 'Find out', ru: 'Определить автоматически' },
        sales: { en: 'A sale', ru: 'Продажа' },
        lines: { en: 'A line of a sale', ru: 'Позиция продажи' },
      },
    },
    sheet: { title: { en: 'Sheet of the workbook', ru: 'Лист книги Excel' } },
    dateOrder: {
      title: { en: 'Order of day and month', ru: 'Порядок дня и месяца' },
      options: {
        dmy: { en: 'The day first', ru: 'Сначала день' },
        mdy: { en: 'The month first', ru: 'Сначала месяц' },
      },
    },
    decimal: {
      title: { en: 'Decimal sign', ru: 'Десятичный знак' },
      options: { '.': { en: 'A point', ru: 'Точка' }, ',': { en: 'A comma', ru: 'Запятая' } },
    },
    delimiter: { title: { en: 'Separator of columns', ru: 'Разделитель колонок' } },
    encoding: { title: { en: 'Encoding', ru: 'Кодировка' } },
    headerLine: { title: { en: 'Line with the names of columns', ru: 'Строка с названиями колонок' } },
    skipBottom: { title: { en: 'Lines at the end to leave out', ru: 'Сколько строк в конце пропустить' } },
    negative: {
      title: { en: 'What a sum below zero is', ru: 'Что означает отрицательная сумма' },
      options: {
        refund: { en: 'A refund', ru: 'Возврат' },
        sale: { en: 'A sale', ru: 'Продажа' },
        ignore: { en: 'Nothing', ru: 'Ничего' },
      },
    },
    sign: {
      title: { en: 'Sign of the sums', ru: 'Знак сумм' },
      options: {
        as_is: { en: 'As it is', ru: 'Как в файле' },
        inverted: { en: 'The other way round', ru: 'Наоборот' },
      },
    },
    multiplier: {
      title: { en: 'Unit of the sums', ru: 'Единица сумм' },
      help: { en: '0.01 for kopecks, 1000 for thousands.', ru: '0,01 для копеек, 1000 для тысяч.' },
    },
    words: {
      title: { en: 'Meaning of words', ru: 'Значения слов' },
      help: { en: 'Of those in the columns for kind and status.', ru: 'Тех, что стоят в колонках вида и статуса.' },
    },
  },
  capabilities: {
    uploads: { en: 'Uploads', ru: 'Загрузка файлов' },
    file: { en: 'File', ru: 'Файл' },
  },
}
