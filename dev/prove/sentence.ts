// What went wrong, for who started a proof.
import { ProblemError } from '#client/index.ts'

export function sentenceOf(error: unknown): string {
  if (error instanceof ProblemError) {
    const { problem } = error
    const fields = problem.errors?.map(({ path, message }) => `${path}: ${message}`) ?? []
    return [`${problem.detail} (${problem.code}, ${problem.requestId})`, ...fields].join('\n')
  }
  if (error instanceof TypeError) return `The service cannot be reached: ${causeOf(error)}`
  return error instanceof Error ? error.message : String(error)
}

function causeOf({ cause, message }: TypeError): string {
  return cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : message
}
