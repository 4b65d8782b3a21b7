// The form of a CRM, from the JSON Schema of its settings and back.
import { describe, expect, it } from 'vitest'
import { ProblemError } from '#client/problem.ts'
import { sortErrors } from '#web/crm/form-errors.ts'
import { configOf, type CrmType, settingFields, valuesOf } from '#web/crm/schema-fields.ts'
import { cleanSecret } from '#web/lib/clean-secret.ts'
import { secretHint } from '#web/lib/secret-hint.ts'
import { findTypes } from '#web/screens/choose/find-types.ts'

const named = (name: string) => ({
  ...{ name, title: { en: name, ru: `${name} по-русски` }, help: null, isMain: name === 'branch' },
  options: name === 'zone' ? [{ value: 'a', title: { en: 'First', ru: 'Первый' } }] : [],
})

const TYPE: CrmType = {
  ...{ crmType: 'iiko', title: 'Касса', minutes: 5, ways: [], guide: { en: ['Syrve'], ru: ['Сырве'] } },
  apiUrl: { required: false, default: null, label: { en: '', ru: '' }, help: { en: '', ru: '' } },
  ...{ credentials: [], capabilityTitles: [] },
  capabilities: { webhooks: false, backfill: false, fetchOne: false, imports: false },
  settings: ['zone', 'branch', 'days', 'on', 'ids', 'kinds', 'map', 'server', 'timezone'].map(named),
  additionalConfigSchema: {
    required: ['timezone'],
    properties: {
      zone: { type: 'string', enum: ['a', 'b'], default: 'a' },
      branch: { type: ['string', 'number'] },
      days: { type: 'integer', default: 90 },
      on: { type: 'boolean', default: false },
      ids: { type: 'array', items: { type: 'integer' } },
      kinds: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, default: ['x'] },
      map: { type: 'object', additionalProperties: { type: 'string' } },
      server: {
        type: 'object',
        properties: {
          url: { type: 'string', title: 'URL', description: 'Where it is', 'x-ru': { title: 'Адрес' } },
          list: { type: 'object', properties: {} },
          unnamed: { type: 'string', description: 'Of programs alone' },
        },
      },
      timezone: { type: 'string' },
    },
  },
}
const fields = settingFields(TYPE, 'ru')

describe('the settings of a CRM', () => {
  it('become fields of their kind, and what is no single field is left to the API', () => {
    expect(fields.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      ...['zone choice', 'branch text', 'days number', 'on switch', 'ids numbers', 'kinds choices', 'server.url text'],
      'timezone zone',
    ])
    expect(fields.filter(({ isMain }) => isMain).map(({ path }) => path)).toEqual(['branch', 'timezone'])
    expect(fields[0]).toMatchObject({ label: 'zone по-русски', usual: 'a' })
    expect(fields.find(({ path }) => path === 'server.url')).toMatchObject({ label: 'Адрес', help: null })
    expect(settingFields(TYPE, 'en').find(({ path }) => path === 'server.url')).toMatchObject({
      ...{ label: 'URL', help: 'Where it is' },
    })
    expect(fields[0]?.options.map(({ label }) => label)).toEqual(['Первый', 'b'])
  })

  it('are sent where they differ from the usual, in the types that the API takes', () => {
    const untouched = valuesOf(fields, null)
    expect(configOf(fields, untouched)).toEqual({})
    const entered = {
      ...untouched,
      ...{
        branch: ' 54 ',
        days: '30',
        on: true,
        ids: '1, 2;3',
        kinds: ['y'],
        'server.url': 'https://x',
        timezone: 'Asia/Omsk',
      },
    }
    expect(configOf(fields, entered)).toEqual({
      ...{ branch: '54', days: 30, on: true, ids: [1, 2, 3], kinds: ['y'] },
      ...{ server: { url: 'https://x' }, timezone: 'Asia/Omsk' },
    })
  })

  it('keep what is stored and not asked for, and lose what was emptied', () => {
    const stored = { map: { a: 'b' }, days: 30, server: { url: 'https://x', hidden: 1 } }
    const values = valuesOf(fields, stored)
    expect(values).toMatchObject({ days: '30', 'server.url': 'https://x' })
    const changed = { ...values, days: '', 'server.url': '' }
    expect(configOf(fields, changed, stored)).toEqual({ map: { a: 'b' }, server: { hidden: 1 } })
  })

  it('send what is no number as it was typed, for the API to say what is wrong', () => {
    expect(configOf(fields, { ...valuesOf(fields, null), days: 'many' })).toEqual({ days: 'many' })
  })
})

describe('what the API says of a request', () => {
  const refused = (errors: readonly { readonly path: string; readonly message: string }[]) => {
    const problem = { type: '', title: '', detail: 'no', status: 400, code: 'invalid_request', requestId: '' } as const
    return new ProblemError(
      { ...problem, errors: errors.map((one) => ({ ...one, code: 'wrong_form' as const })) },
      new Response(),
    )
  }

  it('stands beside its field, or above the form where it is about none', () => {
    const paths = ['credentials.apiKey', 'additionalConfig.ids']
    const error = refused([
      { path: 'additionalConfig.ids.0', message: 'expected a number' },
      { path: 'credentials.apiKey', message: 'is required' },
      { path: 'credentials.apiKey', message: 'is required twice' },
    ])
    expect(sortErrors(error, paths)).toEqual({
      fields: { 'additionalConfig.ids': 'Expected a number', 'credentials.apiKey': 'Is required' },
      rest: null,
    })
    const other = refused([{ path: 'credentials.apiKeyOther', message: 'unknown' }])
    expect(sortErrors(other, paths)).toEqual({ fields: {}, rest: other })
  })
})

describe('a pasted key', () => {
  it('loses what came along with it', () => {
    expect(cleanSecret('\u200B sk-1\n')).toBe('sk-1')
    expect(cleanSecret(' две части ')).toBe('две части')
  })

  it.each([
    ['Bearer abc', 'prefixed'],
    ['https://example.com', 'address'],
    ['«abc»', 'quoted'],
    ['ab cd', 'spacesInside'],
    ['abc', null],
    ['', null],
  ])('%s: %s', (value, hint) => {
    expect(secretHint(value)).toBe(hint)
  })
})

it('finds a CRM by its name in either alphabet, and by what else it is called', () => {
  const types = [TYPE, { ...TYPE, crmType: '1c' as const, title: '1С', guide: { en: [], ru: [] } }]
  const found = (search: string) => findTypes(types, search).map(({ title }) => title)
  expect([found('1c'), found('1С'), found('КАССА'), found('syrve'), found(' ')]).toEqual([
    ...[['1С'], ['1С'], ['Касса'], ['Касса'], ['Касса', '1С']],
  ])
  expect(found('nothing of this name')).toEqual([])
})
