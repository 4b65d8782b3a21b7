// npm run prove: compares the last days of an integration with its CRM, through the API of any running deployment.
import { createClient } from '#client/index.ts'
import { readOptions, USAGE, UsageError } from '#dev/prove/options.ts'
import { prove } from '#dev/prove/prove.ts'
import { sentenceOf } from '#dev/prove/sentence.ts'

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
