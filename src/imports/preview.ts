// Shows what an import would do, without storing anything. The connector's own code reads the beginning of the file.
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { FilePreview } from '#crm/imports.ts'
import { presentSample, SampleTransaction } from '#transactions/schema.ts'
import { type Chosen, givenFor, presentDoubts, readable } from '#imports/given.ts'
import { previewMended } from '#imports/mended-preview.ts'
import { openFile } from '#imports/open-file.ts'
import { sentenceOf, type Target } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime().nullable()

export const Doubt = z
  .strictObject({
    code: z.string().meta({ description: 'What is asked.' }),
    message: z.string().meta({ description: 'In the language of `Accept-Language`: en or ru.' }),
    columns: z.array(z.string()).meta({ description: 'The columns that it is about.' }),
    choices: z
      .array(
        z.strictObject({
          id: z.string().meta({ description: 'The answer: a member of `answers` of a format.' }),
          label: z.string().meta({ description: 'What it means, for a person.' }),
          count: z.int().meta({ description: 'Of the sales and refunds that would be stored.' }),
          totalMinor: z.int().meta({ description: 'Their sum, in minor units.' }),
        }),
      )
      .meta({ description: 'The answers to choose from, the likeliest first.' }),
  })
  .meta({ id: 'Doubt', description: 'A question about a file. It is not imported while one is open.' })

const Dialect = z.lazy(() =>
  z.strictObject({
    encoding: z.string().meta({ description: 'The encoding of its characters.' }),
    delimiter: z.string().meta({ description: 'What stands between its cells.' }),
    decimal: z.enum(['.', ',']).nullable().meta({ description: 'Of its sums; null where none has decimals.' }),
    dateOrder: z.enum(['dmy', 'mdy']).meta({ description: 'Whether the day or the month comes first.' }),
    headerLine: z.int().meta({ description: 'The line that names the columns.' }),
    rows: z.enum(['sales', 'lines']).meta({ description: 'Whether a row is a sale or a line of one.' }),
  }),
)

const Column = z.lazy(() =>
  z.strictObject({
    header: z.string().meta({ description: 'Its name in the file.' }),
    field: z.string().nullable().meta({ description: 'What it was taken for; null: it is not read.' }),
    confidence: z.number().meta({ description: '0 to 1; 1 for what the settings name.' }),
    examples: z.array(z.string()).meta({ description: 'Its first cells.' }),
  }),
)

const RejectedRow = z.lazy(() =>
  z.strictObject({
    line: z.int().meta({ description: 'Where the row begins in the file, from 1.' }),
    column: z.string().nullable().meta({ description: 'The column that is wrong; null: the whole row is.' }),
    reason: z.string().meta({ description: 'What is wrong, for a person.' }),
    raw: z.string().meta({ description: 'The row as it stands in the file.' }),
  }),
)

const Totals = z.lazy(() =>
  z.strictObject({
    sales: count.meta({ description: 'Rows or receipts that are sales.' }),
    refunds: count.meta({ description: 'Those that are refunds.' }),
    notPaid: count.meta({ description: 'Those that are not paid.' }),
    skipped: count.meta({ description: 'Rows that are no sales, such as totals.' }),
    rejected: count.meta({ description: 'Rows that cannot be read.' }),
    amounts: z
      .array(
        z.strictObject({
          currency: z.string().meta({ description: 'ISO 4217.' }),
          amountMinor: z.int().meta({ description: 'The sum in minor units.' }),
        }),
      )
      .meta({ description: 'The sum of all paid sales and refunds, for each currency.' }),
    from: time.meta({ description: 'When the first of them happened.' }),
    to: time.meta({ description: 'When the last of them happened.' }),
  }),
)

export const ImportPreview = z
  .lazy(() =>
    z.strictObject({
      doubts: z.array(Doubt).meta({ description: 'Questions that have to be answered before the file is imported.' }),
      format: z
        .string()
        .nullable()
        .meta({ description: 'The name of the format that the file was read with; null where none is known.' }),
      header: z.array(z.string()).meta({ description: 'The names of the columns, for `header` of a format.' }),
      new: count.meta({ description: 'Sales that the import would add.' }),
      changed: count.meta({ description: 'Stored sales that it would change.' }),
      known: count.meta({ description: 'Sales that are stored already, just as they are in the file.' }),
      dialect: Dialect.meta({ description: 'How the file was read.' }),
      columns: z.array(Column).meta({ description: 'The columns of the file, in its order.' }),
      mapping: z.record(z.string(), z.unknown()).meta({
        description: 'What was found, in the form of `mapping` of a format or of `additionalConfig`.',
      }),
      problems: z
        .array(
          z.strictObject({
            code: z.string().meta({ description: 'What clients decide by.' }),
            detail: z.string().meta({ description: 'The same for a person.' }),
          }),
        )
        .meta({ description: 'What is odd about the file.' }),
      rows: z.array(SampleTransaction).max(20).meta({ description: 'The first sales as they would be stored.' }),
      rejected: z.array(RejectedRow).meta({ description: 'The first rows that an import would reject.' }),
      totals: Totals.meta({ description: 'What the rows add up to.' }),
      isCut: z.boolean().meta({ description: 'The file is longer: all of this describes its beginning only.' }),
      isWhole: z.boolean().meta({ description: 'Not `isCut`.' }),
    }),
  )
  .meta({ id: 'ImportPreview', description: 'What an import of a file would do.' })
type ImportPreview = z.infer<typeof ImportPreview>

export interface Previewed {
  readonly chunks: Chunks
  readonly chosen: Chosen
  /** Customers are left out otherwise. */
  readonly showsSales: boolean
}

/** Throws Problem `unreadable_file` for a file that is not a table, and `invalid_request` for an unknown format. */
export async function previewImport(
  context: Context,
  target: Target,
  { chunks, chosen, showsSales }: Previewed,
): Promise<ImportPreview> {
  const { head, mended, close } = await openFile(context, target, chunks)
  await close()
  const given = { ...(await givenFor(context, target, chosen)), ...(mended && { plan: mended.plan }) }
  const { preview: found, lost } = await readable(target, async () =>
    mended
      ? previewMended(context, target, { head, given, importId: mended.importId })
      : { preview: await target.imports.preview(head, given), lost: null },
  )
  const presented = present(found, target)
  if (lost) presented.problems.push({ code: lost.reason ?? 'mended_known', detail: sentenceOf(lost, target) })
  return showsSales ? presented : withoutCustomers(presented)
}

function withoutCustomers({ doubts, format, header, columns, rejected, ...preview }: ImportPreview): ImportPreview {
  return {
    ...{ doubts, format, header, ...preview },
    columns: columns.map((column) => ({ ...column, examples: [] })),
    rows: [],
    rejected: rejected.map((row) => ({ ...row, raw: '' })),
  }
}

function present(preview: FilePreview, { row, language }: Target): ImportPreview {
  return {
    doubts: presentDoubts(preview.doubts, language),
    ...{ format: preview.format, header: [...preview.header], ...preview.stored },
    dialect: { ...preview.dialect },
    columns: preview.columns.map((column) => ({ ...column, examples: [...column.examples] })),
    mapping: { ...preview.mapping },
    problems: preview.problems.map(({ code, detail }) => ({ code, detail: detail[language] })),
    rows: preview.rows.map((transaction) => presentSample(transaction, row)),
    rejected: preview.rejected.map((rejected) => ({ ...rejected, reason: rejected.reason[language] })),
    totals: { ...preview.totals, amounts: preview.totals.amounts.map((amount) => ({ ...amount })) },
    ...{ isCut: !preview.isWhole, isWhole: preview.isWhole },
  }
}
