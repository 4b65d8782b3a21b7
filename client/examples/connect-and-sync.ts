// From nothing to synced sales.
import { type Client, iterate, type Run, unwrap, watchRun } from '../src/index.ts'

export interface Vendor {
  readonly crmType: 'yclients'
  readonly apiUrl?: string
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string }
  readonly additionalConfig: Record<string, unknown>
}

/** The id of the integration. Throws with the failed rows of the connection test when it does not pass. */
export async function connect(client: Client, vendor: Vendor): Promise<string> {
  const { id } = await unwrap(client.POST('/v1/integrations', { body: vendor }))
  const path = { id }
  const report = await unwrap(client.POST('/v1/integrations/{id}/test', { params: { path } }))
  const failed = report.capabilities.filter(({ required, ok }) => required && !ok)
  if (!report.ok) throw new Error(failed.map(({ detail }) => detail).join('\n'))
  await unwrap(client.PATCH('/v1/integrations/{id}', { params: { path }, body: { syncEnabled: true } }))
  return id
}

/** Starts a sync, or takes the one that is under way, and follows it to its end. */
export async function sync(client: Client, id: string, show: (run: Run) => void): Promise<Run> {
  let run = await unwrap(client.POST('/v1/integrations/{id}/sync', { params: { path: { id } } }))
  for await (run of watchRun(client, { integrationId: id, runId: run.id })) show(run)
  return run
}

/** The sum of what was paid, by currency, in minor units. */
export async function takings(client: Client, id: string): Promise<Map<string, number>> {
  const sums = new Map<string, number>()
  const params = (cursor?: string) => ({
    ...({ path: { id }, query: { status: 'paid', limit: 200, ...(cursor !== undefined && { cursor }) } } as const),
  })
  for await (const { currency, amountMinor } of iterate((cursor) =>
    client.GET('/v1/integrations/{id}/transactions', { params: params(cursor) }),
  )) {
    sums.set(currency, (sums.get(currency) ?? 0) + amountMinor)
  }
  return sums
}
