import { createWriter, transaction } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

/** An ended run, a change and a record in quarantine. */
export async function used(variables: Readonly<Record<string, string>> = {}): Promise<Salon> {
  const writer = await createWriter(await createSalonTenant({ variables }))
  const { salon } = writer
  await writer.write([transaction('a'), { type: 'unmapped', externalId: 'x', reason: 'no date', raw: {} }])
  await writer.write([transaction('a', { amountMinor: 1 })])
  await salon.call('POST', `${salon.path}/runs/${writer.run.id}/cancel`)
  return salon
}
