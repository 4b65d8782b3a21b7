import * as z from 'zod'
import { currency, timeZone } from '#crm/kit/settings.ts'
import { encodingOf } from '#crm/csv/encoding.ts'

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
  date: header.optional(),
  time: column,
  amount: columns.optional().meta({ description: 'Several columns add up, such as cash and card.' }),
  currency: column,
  kind: column,
  status: column,
  name: column,
  phone: column,
  email: column,
  card: column,
  comment: column.meta({ description: 'Tells rows without an id apart, nothing else.' }),
})

const words = z.array(z.string().trim().min(1).max(200)).max(50).optional()

export const Settings = z.strictObject({
  mapping: Mapping.default({}).meta({
    description: 'The header text of each column; what is left out is found by its words.',
  }),
  timezone: timeZone().optional(),
  currency: currency.optional(),
  delimiter: z
    .string()
    .refine((text) => text.length === 1 && !/["\r\n]/.test(text), 'expected one character such as ;')
    .optional(),
  encoding: z
    .string()
    .refine((label) => encodingOf(label) !== null, 'expected UTF-8, UTF-16 or a one-byte encoding such as windows-1251')
    .optional(),
  decimal: z.enum(['.', ',']).optional(),
  dateOrder: z.enum(['dmy', 'mdy']).optional(),
  headerLine: z.int().min(1).max(1000).optional().meta({ description: 'The line that names the columns.' }),
  rows: z
    .enum(['auto', 'sales', 'lines'])
    .default('auto')
    .meta({ description: 'Whether a row is a sale or a line of one; lines with the same id add up.' }),
  negative: z
    .enum(['refund', 'sale', 'ignore'])
    .default('refund')
    .meta({ description: 'What a negative sum means when no kind is given. Some banks write expenses so.' }),
  words: z
    .strictObject({ sale: words, refund: words, ignore: words, paid: words, unpaid: words, cancelled: words })
    .optional()
    .meta({ description: 'What words in the columns for kind and status mean, beyond those that are known.' }),
})
export type Settings = z.infer<typeof Settings>
