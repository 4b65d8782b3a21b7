// Why a record could not be read, for a person. Connectors and schemas say it in English, behind the path of the field;
// here are their sentences in Russian. One that is not known stays as it is.
import type { Language } from '#lib/localized.ts'

const FIELD = /^[\p{L}\d_.]+$/u

const SENTENCES: Readonly<Record<string, string>> = {
  missing: 'нет значения',
  'missing, and ITEMS do not tell the sum': 'нет значения, и по позициям сумму не узнать',
  'missing, or a status that nobody knows': 'нет значения, или статус неизвестен',
  'not a date': 'это не дата',
  'not a time': 'это не время',
  'no such day or hour': 'нет такого дня или часа',
  'no operation tells it': 'ни одна операция его не называет',
  'it has no time': 'не указано время',
  'no time at all': 'не указано время',
  'no time of change': 'не указано время изменения',
  'not a number': 'это не число',
  'not a decimal number': 'это не число',
  'not a finite number': 'это не число',
  'too large': 'слишком большое число',
  'another invoice has the same number': 'такой же номер у другого счёта',
  'its contact cannot be read': 'контакт не читается',
  'of a restaurant that is not connected': 'от ресторана, который не подключён',
  'an empty GUID': 'пустой идентификатор',
  'Invalid input': 'значение не подходит',
  unreadable: 'не читается',
}

const FORMS: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^unknown operation (.*)$/s, (_, word) => `неизвестный вид операции: ${word}`],
  [/^unknown status (.*)$/s, (_, word) => `неизвестный статус: ${word}`],
  [/^unknown (.*)$/s, (_, word) => `неизвестное значение: ${word}`],
  // The schemas' own sentences.
  [/^Invalid input: expected (.*), received undefined$/s, () => 'нет значения'],
  [
    /^Invalid input: expected (\w+), received (\w+)$/,
    (_, right, wrong) => `нужен тип «${typeIn(right)}», а не «${typeIn(wrong)}»`,
  ],
  [/^Invalid input: expected (.*)$/s, (_, value) => `нужно ${value}`],
  [/^Invalid option: expected one of (.*)$/s, (_, values) => `допустимые значения: ${values}`],
  [/^Invalid .*$/s, () => 'такая форма не допускается'],
  [/^Too small: .*$/s, () => 'значение слишком мало или коротко'],
  [/^Too big: .*$/s, () => 'значение слишком велико или длинно'],
]

const TYPES: Readonly<Record<string, string>> = {
  ...{ string: 'текст', number: 'число', int: 'целое число', boolean: 'true или false' },
  ...{ array: 'список', object: 'объект', record: 'объект', null: 'null' },
}

function typeIn(name = ''): string {
  return TYPES[name] ?? name
}

export function reasonIn(reason: string, language: Language): string {
  if (language === 'en') return reason
  const [path = '', ...more] = reason.split(': ')
  const field = more.length > 0 && FIELD.test(path) ? path : null
  const sentence = field === null ? reason : more.join(': ')
  const said = SENTENCES[sentence] ?? inForm(sentence)
  return field === null ? said : `${field === 'record' ? 'запись' : field}: ${said}`
}

function inForm(sentence: string): string {
  const form = FORMS.find(([pattern]) => pattern.test(sentence))
  return form ? sentence.replace(form[0], form[1]) : sentence
}
