// `$filter` as 1C takes it: OData 3 without what the documentation excludes, strict about types. Comparing references
// by size fails in the database, with a 500, since they have none.
export type Row = Readonly<Record<string, unknown>>

/** What 1C answers instead of data. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function unknownField(field: string): Refusal {
  return new Refusal(400, '10', `Свойство "${field}" не найдено`)
}

const TOKEN = /\s*(guid'[^']*'|datetime'[^']*'|'(?:[^']|'')*'|-?\d+(?:\.\d+)?|[(),]|[\p{L}_][\p{L}\p{N}_]*)/uy
const TEXT_FUNCTIONS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  startswith: (a, b) => a.startsWith(b),
  endswith: (a, b) => a.endsWith(b),
  substringof: (a, b) => b.includes(a),
}
const COMPARISONS: Readonly<Record<string, (a: string | number, b: string | number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
}

type Type = 'guid' | 'datetime' | 'string' | 'number' | 'boolean'
interface Operand {
  readonly type: Type
  readonly of: (row: Row) => string | number
}
type Test = (row: Row) => boolean

/** `template` is a row of the set: it tells which fields there are, and of which type. Throws Refusal. */
export function parseFilter(text: string, template: Row): Test {
  const tokens = tokenize(text)
  const bad = () => new Refusal(400, '14', 'Ошибка разбора опции запроса $filter')
  const next = () => {
    const token = tokens.shift()
    if (token === undefined) throw bad()
    return token
  }
  const expect = (expected: string) => {
    if (next() !== expected) throw bad()
  }
  const chain = (word: 'and' | 'or', part: () => Test): Test => {
    const parts = [part()]
    while (tokens[0] === word) {
      next()
      parts.push(part())
    }
    return word === 'and' ? (row) => parts.every((test) => test(row)) : (row) => parts.some((test) => test(row))
  }
  const either = (): Test => chain('or', both)
  const both = (): Test => chain('and', single)
  const single = (): Test => {
    if (tokens[0] === 'not') {
      next()
      const test = single()
      return (row) => !test(row)
    }
    if (tokens[0] === '(') {
      next()
      const test = either()
      expect(')')
      return test
    }
    return tokens[1] === '(' ? call() : comparison()
  }
  const call = (): Test => {
    const run = TEXT_FUNCTIONS[next()]
    // Trimming, lengths and the like: documented as not supported.
    if (!run) throw new Refusal(501, '3', 'Функция не поддерживается')
    expect('(')
    const a = operand(next(), template)
    expect(',')
    const b = operand(next(), template)
    expect(')')
    return (row) => run(String(a.of(row)), String(b.of(row)))
  }
  const comparison = (): Test => {
    const a = operand(next(), template)
    const name = next()
    const compare = COMPARISONS[name]
    if (!compare) throw bad()
    const b = operand(next(), template)
    if (a.type !== b.type) throw bad()
    if (a.type === 'guid' && name !== 'eq' && name !== 'ne') {
      throw new Refusal(500, '-1', 'Нельзя сравнивать поля неограниченной длины и поля несовместимых типов')
    }
    return (row) => compare(a.of(row), b.of(row))
  }
  const test = either()
  if (tokens.length > 0) throw bad()
  return test
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text)
    if (!match?.[1]) throw new Refusal(400, '14', 'Ошибка разбора опции запроса $filter')
    tokens.push(match[1])
  }
  return tokens
}

function operand(token: string, template: Row): Operand {
  const quoted = /^(guid|datetime)?'(.*)'$/su.exec(token)
  if (quoted) {
    const [, prefix, inner = ''] = quoted
    const type: Type = prefix === 'guid' || prefix === 'datetime' ? prefix : 'string'
    const form = { guid: /^[0-9a-f-]{36}$/i, datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, string: /^/ }[type]
    if (!form.test(inner)) throw new Refusal(400, '14', 'Неверный литерал')
    const value = type === 'string' ? inner.replaceAll("''", "'") : inner.toLowerCase()
    return { type, of: () => (type === 'datetime' ? inner : value) }
  }
  if (/^-?\d/.test(token)) return { type: 'number', of: () => Number(token) }
  if (token === 'true' || token === 'false') return { type: 'boolean', of: () => token }
  if (!(token in template)) throw unknownField(token)
  const type = typeOf(template[token])
  return { type, of: (row) => (type === 'number' ? Number(row[token]) : String(row[token]).trim()) }
}

function typeOf(value: unknown): Type {
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(String(value))) return 'guid'
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? 'datetime' : 'string'
}
