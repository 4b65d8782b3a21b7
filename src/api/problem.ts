// Every failure as RFC 9457 problem+json. What is not a Problem is our fault: a fixed text, the details in the log.
import { HTTPException } from 'hono/http-exception'
import { ConfigError } from '#config.ts'
import { isConnectionFailure, isOverloaded } from '#db/errors.ts'
import { Problem, PROBLEMS } from '#lib/errors.ts'
import type { Language } from '#lib/localized.ts'

export const TYPE_BASE = 'https://crm-integrations.dev/problems/'
export const RETRY_AFTER_SECONDS = '5'

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  // Only the validator of JSON bodies throws this one.
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('malformed_json', { cause: error })
  }
  if (error instanceof ConfigError) return new Problem('misconfigured', { cause: error })
  if (isConnectionFailure(error)) {
    const extensions = isOverloaded(error) ? { reason: 'overloaded' } : {}
    return new Problem('unavailable', {
      ...{ cause: error, extensions },
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
    })
  }
  return new Problem('internal', {
    detail: {
      en: 'The request may or may not have taken effect. Read before you repeat it, and give support the requestId.',
      ru: 'Запрос мог и подействовать, и нет. Сначала посмотрите, потом повторяйте; поддержке сообщите requestId.',
    },
    cause: error,
  })
}

export function problemResponse(problem: Problem, requestId: string, language: Language): Response {
  const { status, title } = PROBLEMS[problem.code]
  const body = {
    type: `${TYPE_BASE}${problem.code}`,
    title: title[language],
    status,
    detail: problem.detail[language],
    code: problem.code,
    requestId,
    ...(problem.errors && {
      errors: problem.errors.map((error) => ({ ...error, message: error.message[language] })),
    }),
    ...problem.extensions,
  }
  return Response.json(body, { status, headers: { ...problem.headers, 'content-type': 'application/problem+json' } })
}
