// What the descriptions of several routes share.
import * as z from 'zod'
import type { Context } from '#context.ts'
import { FIELD_CODES, PROBLEMS, Problem, type ProblemCode } from '#lib/errors.ts'
import { Doubt } from '#imports/preview.ts'
import { ConnectionReport } from '#integrations/test-connection.ts'
import type { LocalizedText } from '#lib/localized.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]

export const ProblemDocument = z
  .object({
    type: z.string().meta({ description: 'A URI for this kind of problem. It ends with the `code`.' }),
    title: z.string().meta({ description: 'What kind of problem it is, in the language of `Accept-Language`.' }),
    status: z.int().meta({ description: 'The status of the answer.' }),
    detail: z.string().meta({ description: 'What is wrong here and what to do, for a person to read.' }),
    code: z.enum(CODES).meta({ description: 'What clients decide by. The list is closed for each operation.' }),
    requestId: z.string().meta({ description: 'The id of the request, as in `X-Request-Id`. Support asks for it.' }),
    errors: z
      .array(
        z.strictObject({
          path: z.string().meta({ description: 'Where in the request: `credentials.apiKey`, `query.limit`.' }),
          code: z.enum(FIELD_CODES).meta({ description: 'What is wrong with the value.' }),
          message: z.string().meta({ description: 'The same for a person, in the language of `Accept-Language`.' }),
        }),
      )
      .max(50)
      .optional()
      .meta({ description: 'With `invalid_request`: each field that is wrong.' }),
    report: ConnectionReport.optional().meta({
      description: 'With `connection_test_failed` and `other_account`: what the test found.',
    }),
    doubts: z
      .array(Doubt)
      .optional()
      .meta({ description: 'With `mapping_unconfirmed`: the questions that a saved format has to answer.' }),
    reason: z.string().nullable().optional().meta({
      description: 'With `unreadable_file` and `not_undoable`: a code for the reason, where there is one.',
    }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Branch on `code`, never on the texts.' })

export function listOf<Item extends z.ZodType>(item: Item, id: string) {
  const nextCursor = z
    .string()
    .nullable()
    .meta({ description: '`cursor` of the next page; null: this is the last one.' })
  return z
    .strictObject({ items: z.array(item).meta({ description: 'This page.' }), nextCursor })
    .meta({ id, description: 'One page of a list.' })
}

/** Of a business's id: a tenant's token names its own. */
export const FOR_ADMINS: LocalizedText = {
  en: 'is required for admins',
  ru: 'обязательно для администраторов',
}

/** Where callers reach this service. */
export function serviceOrigin({ config }: Context, { url }: Request): string {
  return config.publicUrl ?? new URL(url).origin
}

/** The headers of a file that a browser saves under this name. */
export function attachment(name: string): { readonly 'content-disposition': string } {
  return { 'content-disposition': `attachment; filename="${name}"` }
}

/** The value, or the same 404 for what does not exist and what is another tenant's. */
export function orNotFound<T>(value: T | null): T {
  if (value === null) throw new Problem('not_found')
  return value
}
