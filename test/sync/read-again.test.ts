import { expect, it } from 'vitest'
import { readAgain } from '#sync/read-again.ts'
import { openedSession } from '#test/pulls.ts'
import { createSalonTenant } from '#test/tenants.ts'

it('reads so many objects as there is time for, and at least one', async () => {
  const tenant = await createSalonTenant()
  const { context } = tenant
  const opened = await openedSession(tenant, context.clock.now())
  const connector = {
    ...opened.connector,
    fetchOne: async () => {
      context.clock.advance(3000)
      return { type: 'none', rule: { code: 'not_alone' } } as const
    },
  }
  const ids = ['sale:1', 'sale:2', 'sale:3', 'sale:4']
  const read = await readAgain(context, { ...opened, connector }, ids)
  expect(read).toEqual({ records: [], unknown: ['sale:1', 'sale:2'], left: ['sale:3', 'sale:4'] })
})
