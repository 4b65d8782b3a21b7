// Shows what an import would do, without storing anything. The connector's own code reads the first megabyte.
import * as z from 'zod'
import type { FilePreview } from '#crm/imports.ts'
import type { Context } from '#context.ts'
import { presentSample, SampleTransaction } from '#transactions/schema.ts'
import { givenOf, takeHead, type Target, unreadable } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'

/** Thousands of rows, enough to recognize the columns. Ten times as many would only make a person wait longer. */
const PREVIEW_BYTES = 1_000_000

const count = z.int().nonnegative()
const time = z.iso.datetime().nullable()

const Doubt = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    columns: z.array(z.string()),
    choices: z.array(z.strictObject({ id: z.string(), label: z.string(), count, totalMinor: z.int() })),
  })
  .meta({ id: 'ImportDoubt' })

export const ImportPreview = z
  .strictObject({
    doubts: z.array(Doubt).meta({ description: 'Questions that have to be answered before the file is imported.' }),
    header: z.array(z.string()),
    format: z.string().nullable(),
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
      description: 'What was found, in the form of `additionalConfig.mapping`: change it there if it is wrong.',
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
    isWhole: z.boolean().meta({ description: 'False: all of this describes the first megabyte only.' }),
  })
  .meta({ id: 'ImportPreview' })
type ImportPreview = z.infer<typeof ImportPreview>

/** Throws Problem `unreadable_file` for a file that is not a table. Customers are left out unless `showsSales`. */
export async function previewImport(
  context: Context,
  target: Target,
  chunks: Chunks,
  showsSales: boolean,
): Promise<ImportPreview> {
  const { bytes, isWhole } = await takeHead(chunks, PREVIEW_BYTES)
  const { imports } = target
  try {
    const preview = present(await imports.preview({ bytes, isWhole }, givenOf(context, target)), target)
    return showsSales ? preview : withoutCustomers(preview)
  } catch (error) {
    throw unreadable(target, error)
  }
}

function withoutCustomers({ columns, rejected, ...preview }: ImportPreview): ImportPreview {
  return {
    ...preview,
    columns: columns.map((column) => ({ ...column, examples: [] })),
    rows: [],
    rejected: rejected.map((row) => ({ ...row, raw: '' })),
  }
}

function present(preview: FilePreview, { row, language }: Target): ImportPreview {
  return {
    doubts: preview.doubts.map(({ code, message, columns, choices }) => ({
      ...{ code, message: message[language], columns: [...columns] },
      choices: choices.map((choice) => ({ ...choice, label: choice.label[language] })),
    })),
    ...{ header: [...preview.header], format: preview.format },
    dialect: { ...preview.dialect },
    columns: preview.columns.map((column) => ({ ...column, examples: [...column.examples] })),
    mapping: { ...preview.mapping },
    problems: preview.problems.map(({ code, detail }) => ({ code, detail: detail[language] })),
    rows: preview.rows.map((transaction) => presentSample(transaction, row)),
    rejected: preview.rejected.map((rejected) => ({ ...rejected, reason: rejected.reason[language] })),
    totals: { ...preview.totals, amounts: preview.totals.amounts.map((amount) => ({ ...amount })) },
    isWhole: preview.isWhole,
  }
}
