import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { query } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const linesOf = async (salon: Salon) =>
  query(
    salon,
    sql`select actor_subject as subject, actor_scope as scope, action, changes, request_id as "requestId"
      from audit where integration_id = ${salon.integrationId}::uuid order by at`,
  )

describe('a line of the audit', () => {
  it('is there for a change that was made, once, and names its request', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    const cancel = async () => salon.call('POST', `${salon.path}/runs/${json.id}/cancel`)
    const answers = [await cancel(), await cancel()]
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    const lines = await linesOf(salon)
    expect(lines.filter(({ action }) => action === 'run.cancelled')).toEqual([
      {
        ...{ subject: 'somebody', scope: 'integrations:write', action: 'run.cancelled', changes: [] },
        requestId: answers[0]?.headers.get('x-request-id'),
      },
    ])
  })
})
