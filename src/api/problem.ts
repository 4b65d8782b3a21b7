// Every failure as RFC 9457 problem+json. What is not a Problem is our fault: a fixed text, the details in the log.
import { HTTPException } from 'hono/http-exception'
import type * as z from 'zod'
import { ConfigError } from '#config.ts'
import { isConnectionFailure } from '#db/errors.ts'
import { type FieldError, Problem, PROBLEMS } from '#lib/errors.ts'

const TYPE_BASE = 'https://crm-integrations.dev/problems/'
const RETRY_AFTER_SECONDS = '5'

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  // Only the validator of JSON bodies throws this one.
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('malformed_json', { detail: 'The body is not valid JSON.', cause: error })
  }
  if (error instanceof ConfigError) return new Problem('misconfigured', { cause: error })
  if (isConnectionFailure(error)) {
    return new Problem('unavailable', { cause: error, headers: { 'retry-after': RETRY_AFTER_SECONDS } })
  }
  return new Problem('internal', {
    detail: 'The request may or may not have taken effect. Read before you repeat it, and give support the requestId.',
    cause: error,
  })
}

export function problemResponse(problem: Problem, requestId: string): Response {
  const { status, title } = PROBLEMS[problem.code]
  const body = {
    type: `${TYPE_BASE}${problem.code}`,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    requestId,
    ...(problem.errors && { errors: problem.errors }),
    ...problem.extensions,
  }
  return Response.json(body, { status, headers: { ...problem.headers, 'content-type': 'application/problem+json' } })
}

/** `prefix` is the part of the request: `query`, `header`, or empty for the body. */
export function fieldErrors(error: z.core.$ZodError, prefix = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: fieldPath(prefix, [...path, key]), message: 'is not a known field' }))
    }
    return [{ path: fieldPath(prefix, path), message: issue.message }]
  })
}

export function fieldPath(prefix: string, path: readonly string[]): string {
  return [...(prefix ? [prefix] : []), ...path].join('.') || 'body'
}
