// The API's words about a request beside the fields that they are about.
import { ProblemError } from '#client/problem.ts'

export type FieldErrors = Readonly<Record<string, string>>

export interface SortedErrors {
  /** By the path of a field. */
  readonly fields: FieldErrors
  /** About nothing that the form shows: told above it. Null: nothing else is wrong. */
  readonly rest: unknown
}

/** `paths`: of the fields that are shown, such as `credentials.apiKey`. */
export function sortErrors(error: unknown, paths: readonly string[]): SortedErrors {
  if (!(error instanceof ProblemError) || !error.problem.errors?.length) return { fields: {}, rest: error }
  const fields: Record<string, string> = {}
  let isRest = false
  for (const { path, message } of error.problem.errors) {
    // What is wrong with a member of a list is wrong with the list.
    const field = paths.find((shown) => path === shown || path.startsWith(`${shown}.`))
    if (field === undefined) isRest = true
    else fields[field] ??= sentence(message)
  }
  return { fields, rest: isRest ? error : null }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
