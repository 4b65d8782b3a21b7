// How the rows of a file are read: all that was decided from its first bytes, the settings and the answers. It is kept
// in the cursor, so that a run reads as the preview and the check of the upload did.
import * as z from 'zod'
import { FIELDS, MEANINGS } from '#crm/csv/words.ts'

/** The bytes that decide everything about a file: thousands of rows. More would only make a person wait longer. */
export const SAMPLE_BYTES = 1_000_000

export const FileOffset = z.lazy(() =>
  z.strictObject({
    /** The byte at which the next row begins, and its line from 1. */
    offset: z.int().nonnegative(),
    line: z.int().positive(),
    /** Another table has begun. */
    isBelowTable: z.boolean().optional(),
  }),
)
export type FileOffset = z.infer<typeof FileOffset>

export const Plan = z.lazy(() =>
  z.strictObject({
    /** Null: only ASCII so far. */
    encoding: z.string().nullable(),
    delimiter: z.string(),
    quote: z.string(),
    isPadded: z.boolean(),
    /** Lines that are one quoted cell hold a line of cells. */
    isWrapped: z.boolean(),
    /** The usual number of cells in a row. */
    width: z.int().nullable(),
    /** The names of the columns; as many empty ones where the file has none. */
    header: z.array(z.string()),
    /** The lines with the names as they stand, which come again in files that were glued together. */
    headerRows: z.array(z.array(z.string())),
    /** So many lines at the end of the file are no rows. */
    skipBottom: z.int().nonnegative(),
    /** The first row below the header. */
    from: FileOffset,
    columns: z.partialRecord(z.enum(FIELDS), z.array(z.int().nonnegative())),
    /** Whether an id is used once, or again every day; `time`: by several tills or shifts on one day. */
    idScope: z.enum(['global', 'day', 'time']),
    /** The header says that an id is never used for another sale. */
    isIdSure: z.boolean(),
    /** The id is that of a fiscal document: a refund has one of its own. */
    isFiscal: z.boolean(),
    /**
     * How rows with the same id form a sale: each row is one, all add up, different ones add up, or all repeat the same
     * sum.
     */
    rows: z.enum(['sales', 'lines', 'distinct', 'whole']),
    /** One for each column of the amount. */
    decimals: z.array(z.enum(['.', ',']).nullable()),
    dateOrder: z.enum(['dmy', 'mdy']),
    /** Null: the business's. */
    timezone: z.string().nullable(),
    /** The zone that the header of the date names. */
    fileZone: z.string().nullable(),
    currency: z.string().nullable(),
    negative: z.enum(['refund', 'sale', 'ignore']),
    /** What all rows are, as the title above the table says; null where it says nothing. */
    fileKind: z.enum(['refund', 'ignore']).nullable(),
    /** A column of quantities: below zero, the sum is below zero. */
    signAt: z.int().nonnegative().nullable(),
    /** A column with the kopecks or cents of the amount. */
    centsAt: z.int().nonnegative().nullable(),
    /** Sales stand below zero. */
    isInverted: z.boolean(),
    /** What one of the file's units of money is: 0.01 for kopecks. */
    multiplier: z.number().positive(),
    /** What a cell that names another currency is: a sum in that one, one in ours, or rejected. */
    foreign: z.enum(['keep', 'as_ours', 'reject']),
    /** What rows with a date are that are labelled as totals. */
    totals: z.enum(['skip', 'sale', 'reject']),
    /** What rows without a number are, where others have one. */
    numberless: z.enum(['sale', 'skip']),
    /** Rows with a date in this column are cancelled. */
    endedAt: z.int().nonnegative().nullable(),
    words: z.partialRecord(z.enum(MEANINGS), z.array(z.string())),
  }),
)
export type Plan = z.infer<typeof Plan>
