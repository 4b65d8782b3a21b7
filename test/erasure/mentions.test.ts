import { expect, it } from 'vitest'
import type { Erased, Trait } from '#tombstones/erased.ts'
import { mentionsErased } from '#tombstones/mentions.ts'

const TRAITS: readonly Trait[] = [
  { trait: 'phone', value: '+79001234567' },
  { trait: 'email', value: 'a.b@example.com' },
  { trait: 'id', value: 'c-77' },
]
const erased: Erased = {
  ...{ count: 1, hasIds: true, isErased: () => false },
  hasTrait: ({ trait, value }) => TRAITS.some((one) => one.trait === trait && one.value === value),
}

it.each([
  ...['{"phone":"+79001234567"}', 'phone=%2B7+900+123-45-67&x=1', '8 (900) 123-45-67', 'tel:79001234567.'],
  ...['N-1;02.03.2024;100,50;x;8 900 123-45-67', '{"phone":79001234567}', '89001234567 12.03.2024'],
  ...['{"m":"A.B@Example.com"}', 'm=a.b%40example.com&x', 'write to a.b@example.com.', '{"id":"c-77"}'],
])('finds the customer in %s', (text) => expect(mentionsErased(text, erased)).toBe(true))

it.each(['+79001234568', 'a.b@example.org', 'x-a.b@example.com', '{"id":"c-78"}', '@', 'c-77x', ''])(
  'finds nobody in %s',
  (text) => expect(mentionsErased(text, erased)).toBe(false),
)
