// Compares the last days of an integration with its CRM through the API: a check, its days, and why some sales differ.
import { type Client, type Run, unwrap, watchRun } from '#client/index.ts'
import { type CheckedDay, differenceLine, outcomeOf, tableOf } from '#dev/prove/report.ts'
import { sentenceOf } from '#dev/prove/sentence.ts'
import type { Language } from '#lib/localized.ts'
import { addDays, localDate } from '#lib/time.ts'

export interface ProveOptions {
  readonly url: string
  readonly integrationId: string
  readonly token: string
  readonly days: number
  readonly language: Language
  /** Reads what the last checks have found instead of making one. */
  readonly usesLast: boolean
  /** Explains so many of the sales that differ. */
  readonly explained: number
}

interface Output {
  /** What was found. */
  readonly print: (line: string) => void
  /** How far it is, and why it does not go on. */
  readonly tell: (line: string) => void
}

interface Period {
  readonly from: string
  readonly to: string
}

/** The exit code: 0 when all is equal, 1 when something differs, 2 when it could not be compared. */
export async function prove(client: Client, options: ProveOptions, output: Output): Promise<number> {
  const { language, integrationId } = options
  const path = { id: integrationId }
  const integration = await unwrap(client.GET('/v1/integrations/{id}', { params: { path } }))
  const business = await unwrap(client.GET('/v1/businesses/{id}', { params: { path: { id: integration.businessId } } }))
  const to = localDate(new Date(), business.timezone)
  const period = { from: addDays(to, 1 - options.days), to }
  output.tell(`${business.name}, ${integration.crmType}: ${period.from} – ${period.to}`)
  if (!options.usesLast && !(await check(client, options, { period, output }))) return 2
  const { items } = await unwrap(client.GET('/v1/integrations/{id}/days', { params: { path, query: period } }))
  const locations = new Map(integration.locations.map(({ externalId, name }) => [externalId, name]))
  output.print(tableOf(items, { language, currency: business.currency, locations }))
  try {
    await explain(client, options, { days: items, output })
  } catch (error) {
    // What differs does so without its explanation.
    output.tell(sentenceOf(error))
  }
  const { code, text } = outcomeOf(items, options)
  output.print(`\n${text}`)
  return code
}

/** False: it failed, and why was said. */
async function check(
  client: Client,
  { integrationId, language }: ProveOptions,
  { period, output }: { readonly period: Period; readonly output: Output },
): Promise<boolean> {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  const started = client.POST('/v1/integrations/{id}/checks', {
    params: { path: { id: integrationId }, header: headers },
    body: period,
  })
  let run = await unwrap(started)
  for await (run of watchRun(client, { integrationId, runId: run.id })) output.tell(progressOf(run))
  if (run.status === 'succeeded') return true
  const failed = { en: 'The check did not come to its end.', ru: 'Сверка не дошла до конца.' }
  output.tell([failed[language], run.error?.message].filter(Boolean).join(' '))
  return false
}

function progressOf({ status, progress: { done, total }, resumeAt, error }: Run): string {
  const steps = total === null ? String(done) : `${done}/${total}`
  return ['…', status, steps, resumeAt, error?.message].filter(Boolean).join('  ')
}

/** After the table: the sales that differ, and of some of them why. */
async function explain(
  client: Client,
  options: ProveOptions,
  { days, output }: { readonly days: readonly CheckedDay[]; readonly output: Output },
): Promise<void> {
  const { integrationId: id, language } = options
  let left = options.explained
  for (const { day } of new Map(days.filter(isDifferent).map((one) => [one.day, one])).values()) {
    if (left === 0) return
    const params = { path: { id, day } }
    const found = await unwrap(client.GET('/v1/integrations/{id}/days/{day}/differences', { params }))
    for (const difference of (typeof found === 'string' ? [] : found.items).slice(0, left)) {
      output.print(`\n${differenceLine(difference, day, language)}`)
      const query = { externalId: difference.externalId, day }
      const { text } = await unwrap(
        client.GET('/v1/integrations/{id}/explanation', { params: { path: { id }, query } }),
      )
      output.print(`  ${text}`)
      left -= 1
    }
  }
}

function isDifferent({ state }: CheckedDay): boolean {
  return state === 'different'
}
