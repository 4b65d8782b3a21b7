// Finding 1: one request without a token held the Worker for 23 seconds.
import { describe, expect, it } from 'vitest'
import { decodeForm } from '#lib/form.ts'
import { webhookTarget } from '#integrations/webhook-target.ts'
import { findForSession } from '#integrations/queries.ts'
import { expectLinear } from '#test/cost.ts'
import { createSalonTenant, request } from '#test/tenants.ts'

const FORGED = 'aB3-'.repeat(11).slice(0, 43)

describe('an address that nobody has', () => {
  it.each(['yclients', 'iiko', '1c', 'amo_crm', 'renovatio'])(
    'is 404 for %s before a byte of its body is read, without database, queue and limit',
    async (crmType) => {
      const { context } = await createSalonTenant()
      const before = context.roundTrips()
      let reads = 0
      const body = new ReadableStream({ pull: () => void (reads += 1), type: 'bytes' }, { highWaterMark: 0 })
      const answer = await request(context, `/webhooks/${crmType}/${FORGED}`, {
        ...{ method: 'POST', body, duplex: 'half' },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
      expect([reads, context.roundTrips() - before, context.messages]).toEqual([0, 0, []])
    },
  )

  it('fills no queue while the database is away, one character off a true one or of another CRM', async () => {
    const { context, integrationId } = await createSalonTenant()
    const row = await findForSession(context.db, integrationId, null)
    const url = row && (await webhookTarget(context, row, 'https://api.example.com'))?.url
    if (typeof url !== 'string') throw new Error('no address')
    const path = new URL(url).pathname
    context.outage.database = 'down'
    const body = '{"company_id":1,"resource":"record","resource_id":1,"status":"update","data":{}}'
    for (const wrong of [path.replace(/.$/, (last) => (last === 'Q' ? 'g' : 'Q')), path.replace('yclients', 'iiko')]) {
      expect((await request(context, wrong, { method: 'POST', body })).status).toBe(404)
    }
    expect(context.messages).toEqual([])
  })
})

describe('a form of many names', () => {
  it.each([
    ['a[]=', (names: number) => 'a[]=&'.repeat(names)],
    ['a[b][]=', (names: number) => 'a[b][]=&'.repeat(names)],
    ['a[9]=&a[]=', (names: number) => 'a[9]=&a[]=&'.repeat(names / 2)],
    ['a[n]=', (names: number) => Array.from({ length: names }, (_, n) => `a[${n}]=`).join('&')],
  ])('costs what its names cost, and no name the more for the others: %s', async (_, form) => {
    await expectLinear(decodeForm, form, 20_000)
  })
})
