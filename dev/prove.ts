// npm run prove: compares the last days of an integration with its CRM, through the API of any running deployment.
import { type Client, createClient, ProblemError, type Run, unwrap, watchRun } from '#client/index.ts'
import { type ProveOptions, readOptions, USAGE, UsageError } from '#dev/prove/options.ts'
import { type CheckedDay, differenceLine, outcomeOf, tableOf } from '#dev/prove/report.ts'
import { addDays, localDate } from '#lib/time.ts'

interface Period {
  readonly from: string
  readonly to: string
}

/** The exit code. */
async function prove(options: ProveOptions): Promise<number> {
  const { url, token, language, integrationId } = options
  const client = createClient({ baseUrl: url, token, language })
  const path = { id: integrationId }
  const integration = await unwrap(client.GET('/v1/integrations/{id}', { params: { path } }))
  const business = await unwrap(client.GET('/v1/businesses/{id}', { params: { path: { id: integration.businessId } } }))
  const to = localDate(new Date(), business.timezone)
  const period = { from: addDays(to, 1 - options.days), to }
  console.error(`${business.name}, ${integration.crmType}: ${period.from} – ${period.to}`)
  if (!options.usesLast && !(await check(client, options, period))) return 2
  const { items } = await unwrap(client.GET('/v1/integrations/{id}/days', { params: { path, query: period } }))
  const locations = new Map(integration.locations.map(({ externalId, name }) => [externalId, name]))
  console.log(tableOf(items, { language, currency: business.currency, locations }))
  await explain(client, options, items)
  const { code, text } = outcomeOf(items, options)
  console.log(`\n${text}`)
  return code
}

/** False: it failed, and why was said. */
async function check(client: Client, { integrationId, language }: ProveOptions, period: Period): Promise<boolean> {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  const started = client.POST('/v1/integrations/{id}/checks', {
    params: { path: { id: integrationId }, header: headers },
    body: period,
  })
  let run = await unwrap(started)
  for await (run of watchRun(client, { integrationId, runId: run.id })) console.error(progressOf(run))
  if (run.status === 'succeeded') return true
  const failed = { en: 'The check did not come to its end.', ru: 'Сверка не дошла до конца.' }
  console.error([failed[language], run.error?.message].filter(Boolean).join(' '))
  return false
}

function progressOf({ status, progress: { done, total }, resumeAt, error }: Run): string {
  const steps = total === null ? String(done) : `${done}/${total}`
  return ['…', status, steps, resumeAt, error?.message].filter(Boolean).join('  ')
}

/** After the table: the sales that differ, and of some of them why. */
async function explain(client: Client, options: ProveOptions, days: readonly CheckedDay[]): Promise<void> {
  const { integrationId: id, language } = options
  let left = options.explained
  for (const { day } of new Map(days.filter(isDifferent).map((one) => [one.day, one])).values()) {
    if (left === 0) return
    const params = { path: { id, day } }
    const found = await unwrap(client.GET('/v1/integrations/{id}/days/{day}/differences', { params }))
    for (const difference of (typeof found === 'string' ? [] : found.items).slice(0, left)) {
      console.log(`\n${differenceLine(difference, day, language)}`)
      const query = { externalId: difference.externalId, day }
      const { text } = await unwrap(
        client.GET('/v1/integrations/{id}/explanation', { params: { path: { id }, query } }),
      )
      console.log(`  ${text}`)
      left -= 1
    }
  }
}

function isDifferent({ state }: CheckedDay): boolean {
  return state === 'different'
}

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
  if (options) process.exitCode = await prove(options)
  else console.log(USAGE)
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : sentenceOf(error))
  process.exitCode = 2
}
