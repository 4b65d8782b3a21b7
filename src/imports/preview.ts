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

const Doubt = z
  .strictObject({
    code: z.string(),
    message: z.string().meta({ description: 'In the language of `Accept-Language`: en or ru.' }),
    columns: z.array(z.string()),
    choices: z.array(
      z.strictObject({
        id: z.string().meta({ description: 'The answer: a member of `answers` of a format.' }),
        label: z.string(),
        count: z.int().meta({ description: 'Of the sales and refunds that would be stored.' }),
        totalMinor: z.int().meta({ description: 'Their sum, in minor units.' }),
      }),
    ),
  })
  .meta({ id: 'Doubt', description: 'A question about a file. It is not imported while one is open.' })

export const ImportPreview = z
  .strictObject({
    doubts: z.array(Doubt),
    format: z
      .string()
      .nullable()
      .meta({ description: 'The name of the format that the file was read with; null where none is known.' }),
    header: z.array(z.string()).meta({ description: 'The names of the columns, for `header` of a format.' }),
    new: count.meta({ description: 'Sales that the import would add.' }),
    changed: count.meta({ description: 'Stored sales that it would change.' }),
    known: count.meta({ description: 'Sales that are stored already, just as they are in the file.' }),
    dialect: z.strictObject({
      ...{ encoding: z.string(), delimiter: z.string(), decimal: z.enum(['.', ',']).nullable() },
      ...{ dateOrder: z.enum(['dmy', 'mdy']), headerLine: z.int(), rows: z.enum(['sales', 'lines']) },
    }),
    columns: z.array(
      z.strictObject({
        header: z.string(),
        field: z.string().nullable(),
        confidence: z.number().meta({ description: '0 to 1; 1 for what the settings name.' }),
        examples: z.array(z.string()),
      }),
    ),
    mapping: z.record(z.string(), z.unknown()).meta({
      description: 'What was found, in the form of `mapping` of a format or of `additionalConfig`.',
    }),
    problems: z.array(z.strictObject({ code: z.string(), detail: z.string() })),
    rows: z.array(SampleTransaction).max(20),
    rejected: z.array(
      z.strictObject({ line: z.int(), column: z.string().nullable(), reason: z.string(), raw: z.string() }),
    ),
    totals: z.strictObject({
      ...{ sales: count, refunds: count, notPaid: count, skipped: count, rejected: count },
      amounts: z.array(z.strictObject({ currency: z.string(), amountMinor: z.int() })),
      ...{ from: time, to: time },
    }),
    isCut: z.boolean().meta({ description: 'The file is longer: all of this describes its beginning only.' }),
    isWhole: z.boolean().meta({ description: 'Not `isCut`.' }),
  })
  .meta({ id: 'ImportPreview' })
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
