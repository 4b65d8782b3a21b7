// What is right to be stored of a file.
import * as z from 'zod'

const Sale = z.looseObject({ customer: z.looseObject({}).nullish() })

/** Of all that is stored after the last file. */
export const Facts = z.strictObject({
  /** Paid sales and refunds, and their net sums in minor units. */
  count: z.int(),
  sums: z.record(z.string(), z.int()),
  refunds: z.int().optional(),
  /** Parts of stored sales. A text between slashes is a pattern. */
  sales: z.array(Sale).default([]),
  /** Rows; without it any. */
  rejected: z.int().optional(),
})
export type Facts = z.infer<typeof Facts>
