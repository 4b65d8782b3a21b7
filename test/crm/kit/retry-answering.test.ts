import { expect, it } from 'vitest'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'

const DOWN = new CrmError('unavailable', { reason: 'server_error', status: 500 })

/** Makes calls that end as listed; the answer counts the calls. */
function caller(isHeavy?: (error: CrmError) => boolean) {
  const pauses: number[] = []
  const again = retryAnswering({ sleep: async (ms) => void pauses.push(ms) })
  const call = async (...ends: readonly (CrmError | 'ok')[]) => {
    let calls = 0
    const error = await again(async () => {
      const end = ends[Math.min(calls, ends.length - 1)]
      calls += 1
      if (end !== 'ok') throw end
    }, isHeavy).then(
      () => null,
      (failure: unknown) => failure,
    )
    return { calls, error }
  }
  return { call, pauses }
}

it('repeats a call that fails while the CRM answers, after a pause', async () => {
  const { call, pauses } = caller()
  expect(await call('ok')).toEqual({ calls: 1, error: null })
  expect(await call(DOWN, DOWN, 'ok')).toEqual({ calls: 3, error: null })
  expect(pauses).toEqual([2000, 2000])
})

it('asks a CRM that is down once, and three times when it goes down meanwhile', async () => {
  const { call } = caller()
  expect(await call(DOWN)).toEqual({ calls: 1, error: DOWN })
  await call('ok')
  expect(await call(DOWN)).toEqual({ calls: 3, error: DOWN })
  expect(await call(DOWN)).toEqual({ calls: 1, error: DOWN })
})

it('repeats no refusal, nothing that took all the time, and nothing that may be too much', async () => {
  const { call } = caller(({ status }) => status === 500)
  const wait = new CrmError('unavailable', { reason: 'server_error', status: 503, retryAfterMs: 60_000 })
  const errors = [DOWN, wait, new CrmError('unavailable', { reason: 'timeout' }), new CrmError('forbidden')]
  for (const error of errors) {
    await call('ok')
    expect(await call(error)).toEqual({ calls: 1, error })
  }
})
