// Lists by keyset. A page begins after the sort key of the row before it, so the last page costs as much as the first.
// The cursor is that key; callers treat it as opaque.
import { type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import * as z from 'zod'
import { isInstantText } from '#db/columns.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { isStorable } from '#lib/storable.ts'

/**
 * A page of usual transactions stays below a megabyte of JSON; one ten times as long would slow other requests down.
 */
const LIMIT_MAX = 200
const LIMIT_DEFAULT = 50

const NO_CURSOR: LocalizedText = { en: 'is not a cursor of this list', ru: 'это не курсор этого списка' }

/** The query of every list. */
export const Paging = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMIT_MAX)
    .default(LIMIT_DEFAULT)
    .meta({ description: 'How many items a page has at most.' }),
  cursor: z.string().optional().meta({ description: '`nextCursor` of the page before; left out for the first page.' }),
})
export type Paging = z.infer<typeof Paging>

export interface Page<T> {
  readonly items: readonly T[]
  /** Null: this is the last page. */
  readonly nextCursor: string | null
}

/** The types that lists are ordered by, and the form of their values in a cursor. */
const TYPES = {
  timestamptz: z.string().refine(isInstantText),
  uuid: z.guid(),
  text: z.string().refine(isStorable),
  bigint: z.coerce.number().pipe(z.int()),
} as const

type KeyColumn = readonly [column: SQLWrapper, type: keyof typeof TYPES]

/** The parts of a page's statement, and the function that makes a page of its rows. */
interface PageQuery<Name extends string> {
  /** The rows after the cursor; without a cursor all rows. */
  readonly isAfter: SQL
  readonly order: SQL
  /** One more than requested: the extra row shows that another page follows. */
  readonly limit: number
  readonly toPage: <Row extends Readonly<Record<Name, unknown>>>(rows: readonly Row[]) => Page<Row>
  /** The rows up to this one, itself included. */
  readonly isUpTo: (row: Readonly<Record<Name, unknown>>) => SQL
  /** Of a page that ends with this row. */
  readonly cursorOf: (row: Readonly<Record<Name, unknown>>) => string
}

/**
 * A list in descending order of these columns. Their names are those in its rows, and the last column must be unique.
 * Throws Problem `invalid_request` for a cursor that is not of such a list.
 */
export function keyset<Name extends string>(
  columns: Readonly<Record<Name, KeyColumn>>,
): (paging: Paging) => PageQuery<Name> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the same object
  const names = Object.keys(columns) as Name[]
  const key = names.map((name) => columns[name])
  const list = (parts: readonly SQLWrapper[]) => sql.join([...parts], sql`, `)
  const sortKey = list(key.map(([column]) => column))
  const order = list(key.map(([column]) => sql`${column} desc`))
  const cursorOf = (row: Readonly<Record<Name, unknown>>) => encode(names.map((name) => row[name]))
  return ({ limit, cursor }) => ({
    isAfter: cursor === undefined ? sql`true` : sql`(${sortKey}) < (${list(decode(cursor, key))})`,
    order,
    limit: limit + 1,
    toPage: (rows) => {
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      return { items, nextCursor: rows.length > limit && last ? cursorOf(last) : null }
    },
    isUpTo: (row) => sql`(${sortKey}) >= (${list(decode(cursorOf(row), key))})`,
    cursorOf,
  })
}

function encode(values: readonly unknown[]): string {
  return new TextEncoder().encode(JSON.stringify(values)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** The values as parameters. */
function decode(cursor: string, key: readonly KeyColumn[]): SQL[] {
  const values = z.array(z.unknown()).length(key.length).safeParse(parseJson(cursor)).data
  return key.map(([, type], index) => {
    const value = TYPES[type].safeParse(values?.[index])
    if (!value.success) throw notACursor()
    return sql`${value.data}::${sql.raw(type)}`
  })
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(cursor, { alphabet: 'base64url' })))
  } catch {
    throw notACursor()
  }
}

function notACursor(): Problem {
  return new Problem('invalid_request', { errors: [{ path: 'query.cursor', code: 'wrong_form', message: NO_CURSOR }] })
}
