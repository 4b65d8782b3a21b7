// The check of one-business.ts by itself: what it finds, and what it lets pass.
import { expect, it } from 'vitest'
import { createBusinessCheck } from './one-business.ts'

function isFound(query: string): boolean {
  const check = createBusinessCheck()
  check.note(JSON.stringify({ queries: [{ query }] }))
  try {
    check.finish()
    return false
  } catch {
    return true
  }
}

it.each([
  'select id from crm_transactions where status = $1',
  'update sync_runs set status = $1 where created_at < $2',
  'select * from issues i join crm_integrations c on c.id = i.integration_id where i.code = $1',
  'delete from "webhook_deliveries" where status = $1',
  'call sweep_everything($1, $2)',
])('finds %s', (query) => {
  expect(isFound(query)).toBe(true)
})

it.each([
  'select id from crm_transactions where integration_id = $1 and status = $2',
  'update "sync_runs" set "status" = $1 where "sync_runs"."id" = $2',
  'select t.* from crm_transactions t, json_to_recordset($1::json) as s(id uuid) where t.id = s.id',
  'call take_run($1, $2, $3, $4, null)',
  'call claim_due($1, $2, $3, null)',
  'select 1',
])('lets pass %s', (query) => {
  expect(isFound(query)).toBe(false)
})
