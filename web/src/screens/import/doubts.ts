// The questions about a file and their answers, as a person goes through them. Pure.
import type { components, Format } from '#client/index.ts'

export type Doubt = components['schemas']['Doubt']
export type SavedFormat = components['schemas']['Format']

export interface Asked {
  readonly doubt: Doubt
  /** The id of the chosen answer; null: still open. */
  readonly choiceId: string | null
}

/** Answered questions stay where they are, to be changed; what the file raises beside them follows. */
export function mergeDoubts(asked: readonly Asked[], open: readonly Doubt[]): Asked[] {
  const raised = new Map(open.map((doubt) => [keyOf(doubt), doubt] as const))
  const kept = asked.flatMap(({ doubt, choiceId }): Asked[] => {
    const again = raised.get(keyOf(doubt))
    raised.delete(keyOf(doubt))
    // A question that is still open was answered with what is no answer any more.
    if (again) return [{ doubt: again, choiceId: null }]
    return choiceId === null ? [] : [{ doubt, choiceId }]
  })
  return [...kept, ...[...raised.values()].map((doubt) => ({ doubt, choiceId: null }))]
}

function keyOf({ code, columns, message }: Doubt): string {
  return JSON.stringify([code, columns, message])
}

export function answer(asked: readonly Asked[], at: number, choiceId: string): Asked[] {
  return asked.map((one, index) => (index === at ? { ...one, choiceId } : one))
}

export function answersOf(asked: readonly Asked[]): string[] {
  return asked.flatMap(({ choiceId }) => (choiceId === null ? [] : [choiceId]))
}

/** What a person settled about one file. */
export interface Settled {
  readonly header: readonly string[]
  readonly answers: readonly string[]
  /** The columns that were given another meaning, by their headers; null: not read. */
  readonly fields: ReadonlyMap<string, Field | null>
  /** The format that the file is read with already. */
  readonly base: SavedFormat | null
}

/** Fields that a file need not have. The others cannot be switched off, only given to another column. */
const OPTIONAL = [
  ...(['id', 'time', 'kind', 'status', 'name', 'phone', 'email', 'card', 'location', 'till'] as const),
  ...(['refunded', 'debit', 'quantity', 'currency', 'zone', 'comment'] as const),
] as const
export const FIELDS = ['date', 'amount', ...OPTIONAL] as const
export type Field = (typeof FIELDS)[number]

export function isField(text: string | null): text is Field {
  return FIELDS.some((field) => field === text)
}

export interface ReadColumn {
  readonly header: string
  readonly field: string | null
}

/** The format with which the file is read as it was settled: the one that it has, and the changes above it. */
export function formatOf({ header, answers, fields, base }: Settled, columns: readonly ReadColumn[]): Format {
  const { name: _, createdAt: __, updatedAt: ___, ...saved } = base ?? { name: '', createdAt: '', updatedAt: '' }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API takes what it has saved
  const before = saved as Format
  const mapping = { ...before.mapping, ...mappingOf(fields, columns) }
  return {
    ...before,
    header: [...header],
    answers: [...new Set([...(before.answers ?? []), ...answers])],
    ...(Object.keys(mapping).length > 0 && { mapping }),
  }
}

function mappingOf(fields: Settled['fields'], columns: readonly ReadColumn[]): NonNullable<Format['mapping']> {
  const named = [...fields].flatMap(([header, field]) => (field === null ? [] : [[field, header] as const]))
  const taken = new Set(named.map(([field]) => field))
  const former = new Set(columns.filter(({ header }) => fields.has(header)).map(({ field }) => field))
  const off = OPTIONAL.filter((field) => former.has(field) && !taken.has(field))
  return { ...Object.fromEntries(off.map((field) => [field, null])), ...Object.fromEntries(named) }
}

const NAME_MAX = 100

/** A name for a format that is not taken: that of the file, without its extension. */
export function nameFor(file: string, taken: readonly string[]): string {
  const plain = file
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, NAME_MAX - 4)
  const base = plain === '' ? 'CSV' : plain
  for (let n = 2, name = base; ; n += 1) {
    if (!taken.includes(name)) return name
    name = `${base} ${n}`
  }
}
