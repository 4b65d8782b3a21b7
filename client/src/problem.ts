import type { components } from './schema.ts'

export type Problem = components['schemas']['Problem']

/** What the API answered instead of what was asked for. `problem.code` is what to decide by. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem
  /** Seconds after which the same may be asked again; null where the answer names none. */
  readonly retryAfterSeconds: number | null

  constructor(problem: Problem, response: Response) {
    super(problem.detail)
    this.problem = problem
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null
  }
}

/** The network, an outage or a limit: the same may be answered later. What fetch throws has no form of its own. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.status === 429 || error.problem.status >= 500
}

interface Answered<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response: Response
}

/** Undefined where the API answers without a body, as to a DELETE. */
type DataOf<Data> = [NonNullable<Data>] extends [never] ? undefined : NonNullable<Data>

/** The data of an answer. Throws ProblemError when the API refused. */
export async function unwrap<Data>(answer: Promise<Answered<Data>>): Promise<DataOf<Data>> {
  const { data, error, response } = await answer
  const isAnswered = response.status === 204 || (data !== undefined && data !== null)
  if (!isAnswered) throw new ProblemError(problemOf(error, response), response)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the check above
  return data as DataOf<Data>
}

/** The refusal of an answer whose body was not read. */
export async function refusalOf(response: Response): Promise<ProblemError> {
  const text = await response.text()
  try {
    return new ProblemError(problemOf(JSON.parse(text), response), response)
  } catch {
    return new ProblemError(problemOf(null, response), response)
  }
}

/** What stands between may answer in a form of its own: a proxy, a page of an outage. */
function problemOf(error: unknown, { status, headers }: Response): Problem {
  if (isProblem(error)) return error
  const title = `The answer has the status ${status} and is none of the API`
  return {
    ...{ type: 'about:blank', title, detail: title, status },
    code: status === 401 ? 'unauthenticated' : status === 404 ? 'not_found' : 'unavailable',
    requestId: headers.get('x-request-id') ?? '',
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'requestId' in value
}
