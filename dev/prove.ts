// npm run prove: compares the last days of an integration with its CRM, through the API of any running deployment.
import { createClient, ProblemError } from '#client/index.ts'
import { readOptions, USAGE, UsageError } from '#dev/prove/options.ts'
import { prove } from '#dev/prove/prove.ts'

function sentenceOf(error: unknown): string {
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

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options) {
    const client = createClient({ baseUrl: options.url, token: options.token, language: options.language })
    process.exitCode = await prove(client, options, { print: console.log, tell: console.error })
  } else console.log(USAGE)
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : sentenceOf(error))
  process.exitCode = 2
}
