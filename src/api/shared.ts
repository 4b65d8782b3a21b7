// What the descriptions of several routes share.
import * as z from 'zod'
import { FIELD_CODES, PROBLEMS, Problem, type ProblemCode } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'

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
      .array(z.strictObject({ path: z.string(), code: z.enum(FIELD_CODES), message: z.string() }))
      .max(50)
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Branch on `code`, never on the texts.' })

export function listOf<Item extends z.ZodType>(item: Item, id: string) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id })
}

/** Of a business's id: a tenant's token names its own. */
export const FOR_ADMINS: LocalizedText = {
  en: 'is required for admins',
  ru: 'обязательно для администраторов',
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
