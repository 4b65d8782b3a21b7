// Finding 5: names of time zones in 20,000 spellings filled a cache for life.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PutBusiness } from '#businesses/put-business.ts'
import { timeZone } from '#crm/kit/settings.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { canonicalZone, isTimeZone, timeZoneOf } from '#lib/time.ts'
import { createSalonTenant } from '#test/tenants.ts'

/** `asuncion` of Paraguay with other letters as capitals each time. */
function spellings(count: number): string[] {
  const letters = Array.from('asuncion')
  const spelled = (mask: number) =>
    letters.map((letter, index) => (Math.floor(mask / 2 ** index) % 2 === 1 ? letter.toUpperCase() : letter)).join('')
  return Array.from({ length: count }, (_, mask) => `America/${spelled(mask)}`)
}

afterEach(() => vi.restoreAllMocks())

describe('time zones', () => {
  it('in many spellings are forgotten again', () => {
    const names = spellings(250)
    expect(names.every(isTimeZone)).toBe(true)
    const made = vi.spyOn(Intl, 'DateTimeFormat')
    expect(names.every(isTimeZone)).toBe(true)
    expect(made.mock.calls.length).toBeGreaterThanOrEqual(names.length)
  })

  it('are looked up under no name longer than any has', () => {
    const made = vi.spyOn(Intl, 'DateTimeFormat')
    expect(isTimeZone(`Europe/${'x'.repeat(100)}`)).toBe(false)
    expect(made).not.toHaveBeenCalled()
  })

  it.each([
    ['eUROPE/moscow', 'Europe/Moscow'],
    ['utc', 'UTC'],
    ['+03:00', '+03:00'],
    ['nowhere', 'nowhere'],
  ])('are spelled one way: %s', (name, canonical) => expect(canonicalZone(name)).toBe(canonical))

  it('are stored as they are spelled by all, whoever names them', () => {
    const business = { name: 'Café', timezone: 'ASIA/yekaterinburg', currency: 'RUB' }
    expect(PutBusiness.parse(business).timezone).toBe('Asia/Yekaterinburg')
    expect(timeZone().parse(business.timezone)).toBe('Asia/Yekaterinburg')
    expect(timeZoneOf(business.timezone)).toBe('Asia/Yekaterinburg')
  })
})

describe('a bounded cache', () => {
  it('never has more entries than its bound, and forgets the oldest', () => {
    const cache = createBoundedCache<number, string>(10)
    for (let key = 0; key < 1000; key += 1) {
      expect(cache.set(key, String(key))).toBe(String(key))
      expect(cache.size()).toBeLessThanOrEqual(10)
    }
    expect([cache.get(989), cache.get(990), cache.get(999)]).toEqual([undefined, '990', '999'])
  })
})

describe('additionalConfig', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`

  it.each([
    ['of more than 16 KB', JSON.stringify({ additionalConfig: { note: 'x'.repeat(17_000) } })],
    ['of more than 16 KB of Cyrillic', JSON.stringify({ additionalConfig: { note: 'ж'.repeat(8200) } })],
    [
      'with a list of 201 members',
      JSON.stringify({ additionalConfig: { list: Array.from({ length: 201 }, () => 1) } }),
    ],
    ['with such a list further down', JSON.stringify({ additionalConfig: { a: { b: [Array(201).fill(1)] } } })],
    ['nested a hundred times', `{"additionalConfig":{"a":${deep(100)}}}`],
    ['nested 100,000 times', `{"additionalConfig":{"a":${deep(100_000)}}}`],
  ])('%s is refused', async (_, body) => {
    const { call, path } = await createSalonTenant()
    const answer = await call('PATCH', path, body)
    expect([answer.status, answer.json.errors?.[0]?.path.split('.')[0]]).toEqual([400, 'additionalConfig'])
  })

  it('of a list of 200 members is as good as its members', async () => {
    const { call, path } = await createSalonTenant()
    const answer = await call('PATCH', path, { additionalConfig: { list: Array.from({ length: 200 }, () => 1) } })
    expect(answer.text).not.toContain('16 KB')
  })
})
