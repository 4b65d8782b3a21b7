import { expect } from 'vitest'
import type { Salon } from '#test/tenants.ts'

const DAYS = { from: '2026-11-01', to: '2026-11-02' }

/** Every answer of the calls about checks. */
export async function callChecks({ call, path, context }: Salon): Promise<void> {
  expect((await call('POST', `${path}/checks`, { ...DAYS, to: '2027-11-02' })).json.code).toBe('range_too_large')
  for (const status of [202, 202, 409]) expect((await call('POST', `${path}/checks`, DAYS)).status).toBe(status)
  await context.drain()
  expect((await call('POST', `${path}/repairs`, DAYS)).status).toBe(202)
  await context.drain()
  expect((await call('GET', `${path}/days?from=2026-01-01&to=2026-12-31`)).status).toBe(200)
  const differences = `${path}/days/2026-11-01/differences`
  expect((await call('GET', differences)).json.items).toEqual([])
  expect((await call('GET', differences, undefined, { accept: 'text/csv' })).text).toMatch(/^kind,id/)
}
