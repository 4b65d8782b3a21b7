// Every failure as RFC 9457 problem+json. What is not a Problem is our fault: a fixed text, the details in the log.
import type * as z from 'zod'
import { ConfigError } from '#config.ts'
import { isConnectionFailure } from '#db/errors.ts'
import { type FieldError, Problem, PROBLEMS } from '#lib/errors.ts'

const TYPE_BASE = 'https://crm-integrations.dev/problems/'
const RETRY_AFTER_SECONDS = '5'

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ConfigError) return new Problem('misconfigured', { cause: error })
  if (isConnectionFailure(error)) {
    return new Problem('unavailable', { cause: error, headers: { 'retry-after': RETRY_AFTER_SECONDS } })
  }
  return new Problem('internal', {
    detail: 'Nothing was changed that you were not told of. Quote the requestId to support.',
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

/** zod's issues as fields; `prefix` is the part of the request: `query`, or empty for the body. */
export function fieldErrors(error: z.ZodError, prefix = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = [...(prefix ? [prefix] : []), ...issue.path.map(String)]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known field' }))
    }
    return [{ path: path.join('.') || 'body', message: issue.message }]
  })
}
