import * as z from 'zod'
import { adaptive, currency, initialDays, timeZone } from '#crm/kit/settings.ts'
import { KNOWN, RECEIPTS, REPORT } from '#crm/1c/presets.ts'

const field = z
  .string()
  .max(100)
  .regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, 'expected the name of a field as the server shows it')

const KIND = 'expected sale, refund or {field, sale: [values], refund: [values]}'
const values = z.array(z.string().min(1).max(100)).max(20)

const Document = z
  .strictObject({
    entitySet: z
      .string()
      .max(100)
      .regex(/^Document_[\p{L}\p{N}_]+$/u, 'expected a published document such as Document_ЧекККМ'),
    kind: z
      .union([z.enum(['sale', 'refund']), z.strictObject({ field, sale: values, refund: values })], KIND)
      .optional(),
    dateField: field.optional(),
    amountField: field.optional(),
    customerField: field.optional(),
    cardField: field.optional(),
    itemTables: z.array(field).max(5).optional(),
    filter: z.string().trim().min(1).max(500).optional(),
    required: z.strictObject({ field, value: z.union([z.string(), z.boolean(), z.number()]) }).optional(),
  })
  .refine(({ entitySet, kind }) => kind !== undefined || Object.hasOwn(KNOWN, entitySet), {
    path: ['kind'],
    error: KIND,
  })
export type DocumentSettings = z.infer<typeof Document>

const Members = z.strictObject({
  timezone: timeZone('is required: the zone of the 1C server, such as Europe/Moscow'),
  currency: currency.optional(),
  preset: z.enum(['auto', 'retail', 'unf', 'ut', 'bp']).optional().meta({
    description: 'Which configuration it is. `auto` unless `documents` are given; with both, they change the preset.',
  }),
  documents: z
    .array(Document)
    .min(1)
    .max(10)
    .refine((list) => new Set(list.map(({ entitySet }) => entitySet)).size === list.length, 'names a document twice')
    .optional(),
  overlapDays: z.int().min(1).max(31).default(3),
  rescanDays: z.int().min(1).max(366).default(35),
  pageSize: z.int().min(1).max(1000).default(100),
  allowedOnly: z.boolean().default(true),
  serverFilter: z.boolean().default(true),
  orderBy: z.boolean().default(true),
  cardIsPhone: z.boolean().default(false),
  initialDays,
  adaptive,
})

/** The report of a shift and its receipts tell of the same money. */
function countsTwice({ preset, documents = [] }: z.infer<typeof Members>): boolean {
  const isReport = documents.some(({ entitySet }) => entitySet === REPORT)
  return isReport && (preset !== undefined || documents.some(({ entitySet }) => RECEIPTS.includes(entitySet)))
}

export const Settings = Members.refine((settings) => !countsTwice(settings), {
  path: ['documents'],
  error: `${REPORT} tells of the same sales as receipts: name it without them and without a preset`,
})
export type Settings = z.infer<typeof Settings>
