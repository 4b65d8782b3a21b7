// What the descriptions of several routes share.
import * as z from 'zod'
import { PROBLEMS, Problem, type ProblemCode } from '#lib/errors.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]

export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .max(50)
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Branch on `code`, never on the texts.' })

export function listOf<Item extends z.ZodType>(item: Item, id: string) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id })
}

/** The headers of a file that a browser saves under this name. */
export function attachment(name: string): Readonly<Record<string, string>> {
  return { 'content-disposition': `attachment; filename="${name}"` }
}

/** The value, or the same 404 for what does not exist and what is another tenant's. */
export function orNotFound<T>(value: T | null): T {
  if (value === null) throw new Problem('not_found')
  return value
}
