import * as z from 'zod'
import { currency, timeZone } from '#crm/kit/settings.ts'
import { encodingOf } from '#crm/csv/encoding.ts'
import type { SheetOptions } from '#lib/xlsx/index.ts'

const header = z.string().trim().min(1, 'must not be empty').max(500)
/** Null: the file has no such column, even if one of its columns seems to fit. */
const column = header.nullable().optional()
const columns = z.union([header, z.array(header).min(1).max(5)])

const Mapping = z.strictObject({
  id: columns
    .nullable()
    .optional()
    .meta({ description: 'Several columns make one id, such as till and receipt number.' }),
  idScope: z
    .enum(['global', 'day'])
    .optional()
    .meta({ description: '`day`: the numbers begin again, every shift or day. By default receipt numbers do.' }),
  date: header.optional().meta({ description: 'When the sale happened.' }),
  time: column.meta({ description: 'The time of day, where it stands apart from the date.' }),
  amount: columns.optional().meta({ description: 'Several columns add up, such as cash and card.' }),
  debit: column.meta({ description: 'Money that went out, where a file has a column of its own for it.' }),
  refunded: column.meta({ description: 'What of the sum was given back, in the row of the sale.' }),
  quantity: column.meta({ description: 'By which the price in `amount` is multiplied.' }),
  currency: column.meta({ description: 'The currency of each row.' }),
  kind: columns.nullable().optional().meta({ description: 'Whether a row is a sale or a refund.' }),
  status: column.meta({ description: 'Whether it is paid or cancelled.' }),
  name: column.meta({ description: 'The name of the customer.' }),
  phone: column.meta({ description: 'The phone of the customer.' }),
  email: column.meta({ description: 'The e-mail address of the customer.' }),
  card: column.meta({ description: 'The number of the customer’s card.' }),
  comment: column.meta({ description: 'Is read and not kept.' }),
  zone: column.meta({ description: 'The time zone of each row.' }),
  till: column.meta({ description: 'Tells receipts of several tills apart.' }),
  location: column.meta({ description: 'The name of the shop.' }),
})
export type Mapping = z.infer<typeof Mapping>

const words = z.array(z.string().trim().min(1).max(200)).max(50).optional()
const rows = z
  .enum(['auto', 'sales', 'lines'])
  .meta({ description: 'Whether a row is a sale or a line of one; lines with the same id add up.' })

const OPTIONS = {
  timezone: timeZone().optional().meta({ description: 'The time zone of the file; by default the business’s.' }),
  currency: currency.optional().meta({ description: 'The currency of the file; by default the business’s.' }),
  delimiter: z
    .string()
    .refine((text) => text.length === 1 && !/["\r\n]/.test(text), 'expected one character such as ;')
    .optional()
    .meta({ description: 'The character between cells; left out: found in the file.' }),
  encoding: z
    .string()
    .refine((label) => encodingOf(label) !== null, 'expected UTF-8, UTF-16 or a one-byte encoding such as windows-1251')
    .optional()
    .meta({ description: 'The encoding of the file; left out: found in the file.' }),
  decimal: z
    .enum(['.', ','])
    .optional()
    .meta({ description: 'The decimal mark of sums; left out: found in the file.' }),
  dateOrder: z
    .enum(['dmy', 'mdy'])
    .optional()
    .meta({ description: 'Whether the day or the month comes first; left out: found in the file.' }),
  headerLine: z.int().min(1).max(1000).optional().meta({ description: 'The line that names the columns.' }),
  skipBottom: z.int().min(1).max(1000).optional().meta({ description: 'So many lines at the end are no sales.' }),
  negative: z
    .enum(['refund', 'sale', 'ignore'])
    .optional()
    .meta({ description: 'What a negative sum means when no kind is given. Some banks write expenses so.' }),
  sign: z
    .enum(['as_is', 'inverted'])
    .optional()
    .meta({ description: '`inverted`: sales stand below zero and refunds above.' }),
  multiplier: z
    .union([z.literal(0.01), z.literal(1), z.literal(1000)])
    .optional()
    .meta({ description: 'Of the sums: 0.01 where they are in kopecks or cents, 1000 where they are in thousands.' }),
  words: z
    .strictObject({
      sale: words.meta({ description: 'Words for a sale.' }),
      refund: words.meta({ description: 'Words for a refund.' }),
      ignore: words.meta({ description: 'Words for rows that are neither.' }),
      paid: words.meta({ description: 'Words for what is paid.' }),
      unpaid: words.meta({ description: 'Words for what is not paid.' }),
      cancelled: words.meta({ description: 'Words for what is cancelled.' }),
    })
    .optional()
    .meta({ description: 'What words in the columns for kind and status mean, beyond those that are known.' }),
}

export const Settings = z.strictObject({
  ...OPTIONS,
  mapping: Mapping.default({}).meta({
    description: 'The header text of each column; what is left out is found by its words.',
  }),
  rows: rows.default('auto'),
  sheet: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Of an Excel workbook; by default the first sheet that is not hidden.' }),
})
export type Settings = z.infer<typeof Settings>

/**
 * For our own export, whatever the others say, but for the zone. A spreadsheet may have written its sums anew. Not
 * parsed: that would take a tenth of the Worker's start.
 */
export const OWN_EXPORT: Settings = {
  mapping: {
    ...{ id: 'id', idScope: 'global', date: 'date', time: null, zone: null },
    ...{ amount: 'amount', debit: null, refunded: null, quantity: null, currency: 'currency' },
    ...{ kind: 'kind', status: 'status', comment: null, till: null, location: 'location' },
    ...{ name: 'name', phone: 'phone', email: 'email', card: 'card' },
  },
  ...{ rows: 'sales', dateOrder: 'dmy', negative: 'refund' },
}

/** How a workbook becomes a CSV that these settings read. */
export function sheetOf({ sheet, delimiter }: Settings): SheetOptions {
  return { sheet: sheet ?? null, delimiter: delimiter ?? ';' }
}

const texts = z.array(z.string().max(1000)).max(2000)

/** Settings for files of one layout, with its header and the answers to the questions about it. */
export const FormatSettings = z.strictObject({
  ...OPTIONS,
  mapping: Mapping.optional().meta({ description: 'The header text of each column; what is left out is found.' }),
  rows: rows.optional(),
  header: texts.optional().meta({ description: 'A file with these columns, in any order, is read by this format.' }),
  answers: texts.optional().meta({ description: 'Ids of choices, as `doubts` have them.' }),
})
