import { expect, it } from 'vitest'
import * as z from 'zod'
import { issueOf } from '#crm/kit/mapping.ts'
import { reasonIn } from '#quarantine/reasons.ts'
import { createWriter } from '#test/pages.ts'

const SOURCES = import.meta.glob<string>('/src/**/*.ts', { query: '?raw', import: 'default', eager: true })

it('a reason is told in the language of Accept-Language', async () => {
  const { salon, write } = await createWriter()
  await write([{ type: 'unmapped', externalId: 'a', reason: 'amount: not a decimal number', raw: {} }])
  const told = async (language: string) =>
    (await salon.call('GET', `${salon.path}/quarantine`, undefined, { 'accept-language': language })).json.items[0]
      .reason
  expect([await told('en'), await told('ru')]).toEqual(['amount: not a decimal number', 'amount: это не число'])
})

it('every sentence of a connector is there in Russian', () => {
  const said = Object.entries(SOURCES)
    .filter(([path]) => /^\/src\/(?:crm|lib)\//.test(path))
    .flatMap(([, source]) => [
      ...source.matchAll(/(?:Field|Money|Time)Error\((?<quote>['`])(.*?)\k<quote>|unmapped\([^'\n]*'([^'\n]+)'/g),
    ])
    .map(([, , thrown, given]) => thrown ?? given ?? '')
    .map((sentence) => sentence.replace('${error.message}', 'missing').replaceAll(/\$\{.*?\}/g, 'X'))
  expect(said.length).toBeGreaterThan(20)
  expect(said.filter((sentence) => !/[а-я]/.test(reasonIn(sentence.replace('Количество', 'X'), 'ru')))).toEqual([])
})

const Sale = z.object({ sum: z.number(), kind: z.enum(['a', 'b']), id: z.string().regex(/^\d+$/) })

it.each([
  [null, 'запись: нужен тип «объект», а не «null»'],
  [{}, 'sum: нет значения'],
  [{ sum: 'x' }, 'sum: нужен тип «число», а не «текст»'],
  [{ sum: 1, kind: 'c' }, 'kind: допустимые значения: "a"|"b"'],
  [{ sum: 1, kind: 'a', id: 'x' }, 'id: такая форма не допускается'],
])('%j is refused by a schema, in Russian', (raw, reason) => {
  const { error } = Sale.safeParse(raw)
  expect(error && reasonIn(issueOf(error), 'ru')).toBe(reason)
})
