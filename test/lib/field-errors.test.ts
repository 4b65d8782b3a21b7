// What a wrong field of a request is told: a code, and a sentence in both languages that says what is allowed.
import { expect, it } from 'vitest'
import * as z from 'zod'
import { FIELD_ERRORS, fieldErrors, SAID } from '#lib/field-errors.ts'
import { createTestContext } from '#test/context.ts'
import { createTenant } from '#test/tenants.ts'

const SOURCES = import.meta.glob<string>('/src/**/*.ts', { query: '?raw', import: 'default', eager: true })

const Body = z.strictObject({
  name: z.string().min(1).max(5),
  kind: z.enum(['sale', 'refund']),
  count: z.int().min(1).max(200),
  at: z.iso.datetime(),
  list: z.array(z.string()).max(1),
  id: z.guid(),
})
const RIGHT = { name: 'a', kind: 'sale', count: 1, at: '2026-11-30T09:00:00Z', list: [], id: crypto.randomUUID() }

it.each([
  [{ name: undefined }, 'name', 'required', 'is required', 'обязательно'],
  [{ name: 5 }, 'name', 'wrong_type', 'expected a text', 'нужен текст'],
  [{ name: '' }, 'name', 'too_small', 'must not be empty', 'не должно быть пустым'],
  [{ name: 'abcdef' }, 'name', 'too_large', 'must have at most 5 characters', 'должно быть не более 5 знаков'],
  [{ kind: 'x' }, 'kind', 'not_allowed', 'must be one of: sale, refund', 'допустимые значения: sale, refund'],
  [{ kind: undefined }, 'kind', 'required', 'is required', 'обязательно'],
  [{ count: 201 }, 'count', 'too_large', 'must be at most 200', 'должно быть не более 200'],
  [{ count: 1.5 }, 'count', 'wrong_type', 'expected a whole number', 'нужно целое число'],
  [{ at: 'now' }, 'at', 'wrong_form', 'expected a time with its zone', 'нужно время с поясом'],
  [{ list: ['a', 'b'] }, 'list', 'too_large', 'must have at most 1 items', 'должно быть не более 1 элементов'],
  [{ list: [1] }, 'list.0', 'wrong_type', 'expected a text', 'нужен текст'],
  [{ id: 'x' }, 'id', 'wrong_form', 'expected an id', 'нужен идентификатор'],
  [{ more: 1 }, 'more', 'unknown_field', 'is not a known field', 'неизвестное поле'],
])('%j: %s is %s', (change, path, code, en, ru) => {
  const { error } = Body.safeParse({ ...RIGHT, ...change }, FIELD_ERRORS)
  const [first, ...others] = error ? fieldErrors(error, []) : []
  expect([others, first?.path, first?.code]).toEqual([[], path, code])
  expect(first?.message.en).toContain(en)
  expect(first?.message.ru).toContain(ru)
})

it('every sentence that a schema gives itself is there in Russian', () => {
  const said = Object.entries(SOURCES)
    // Settings of the operator are told in the log.
    .filter(([path]) => !/^\/src\/config[\w-]*\.ts$/.test(path) && path !== '/src/lib/field-errors.ts')
    .flatMap(([, source]) => source.split('\n'))
    .filter((line) => !/^\s*(?:en|ru|\/\/|\*)|en: |description/.test(line))
    .flatMap((line) => line.match(/'(?:expected|must|at most|is required|is not a) [^']+'/g) ?? [])
    .map((literal) => literal.slice(1, -1))
  expect(said.length).toBeGreaterThan(10)
  expect(said.filter((sentence) => SAID[sentence] === undefined)).toEqual([])
})

it('a problem speaks the language of Accept-Language, and its code does not', async () => {
  const tenant = await createTenant(createTestContext())
  const ask = async (language: string) =>
    (await tenant.call('GET', '/v1/integrations?limit=201', undefined, { 'accept-language': language })).json
  expect(await ask('ru')).toMatchObject({
    ...{ code: 'invalid_request', title: 'Запрос составлен неверно' },
    detail: 'query.limit: должно быть не более 200',
    errors: [{ path: 'query.limit', code: 'too_large', message: 'должно быть не более 200' }],
  })
  expect(await ask('de, en;q=0.5')).toMatchObject({
    errors: [{ path: 'query.limit', code: 'too_large', message: 'must be at most 200' }],
  })
})
