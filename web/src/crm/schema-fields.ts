// The settings of a CRM as fields of a form, from the JSON Schema that the API gives. What a form cannot ask in one
// field, such as maps, is left to the API.
import type { components } from '#client/schema.ts'
import type { Language } from '#lib/localized.ts'

export type CrmType = components['schemas']['CrmType']

export type Value = string | boolean | readonly string[]
/** By the path of a field. Empty values are left out of the settings. */
export type Values = Readonly<Record<string, Value>>

export interface SettingField {
  /** Of the member in `additionalConfig`: `server.url`. */
  readonly path: string
  readonly kind: 'text' | 'number' | 'list' | 'numbers' | 'choice' | 'choices' | 'switch' | 'zone'
  readonly label: string
  readonly help: string | null
  readonly isRequired: boolean
  /** Whether a form asks for it at once. */
  readonly isMain: boolean
  /** Of `choice` and `choices`. */
  readonly options: readonly { readonly value: string; readonly label: string }[]
  /** What counts when it is left out; '' where nothing is known. */
  readonly usual: Value
}

interface Texts {
  readonly title?: string
  readonly description?: string
}

interface Schema extends Texts {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly 'x-ru'?: Texts
}

export function settingFields({ additionalConfigSchema, settings }: CrmType, language: Language): SettingField[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON Schema, as the API documents it
  const { properties = {}, required = [] } = additionalConfigSchema as Schema
  return settings.flatMap(({ name, title, help, isMain, options }) => {
    const schema = properties[name]
    if (!schema) return []
    const texts = { label: title[language], help: help?.[language] ?? null }
    const field = {
      path: name,
      isMain: isMain || required.includes(name),
      isRequired: required.includes(name),
      ...texts,
    }
    const titles = new Map(options.map((option) => [option.value, option.title[language]]))
    return fieldsOf(schema, field, { language, titles })
  })
}

type Named = Pick<SettingField, 'path' | 'label' | 'help' | 'isMain' | 'isRequired'>

interface Words {
  readonly language: Language
  /** Of the values. */
  readonly titles: ReadonlyMap<string, string>
}

function fieldsOf(schema: Schema, named: Named, { language, titles }: Words): SettingField[] {
  const kind = kindOf(schema, named.path)
  if (kind !== null) {
    const values = (schema.enum ?? schema.items?.enum ?? []).map(String)
    const options = values.map((value) => ({ value, label: titles.get(value) ?? value }))
    return [{ ...named, kind, options, usual: usualOf(kind, schema.default) }]
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const { title, description = null } = (language === 'ru' ? member['x-ru'] : member) ?? {}
    // What has no name for a person is not for a form.
    if (member.properties || title === undefined) return []
    const path = `${named.path}.${name}`
    const texts = { label: title, help: description }
    return fieldsOf(member, { path, ...texts, isMain: false, isRequired: false }, { language, titles: new Map() })
  })
}

/** Null: no single field. */
function kindOf({ type, enum: options, items, properties }: Schema, path: string): SettingField['kind'] | null {
  if (path === 'timezone') return 'zone'
  if (options) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array' && items?.enum) return 'choices'
  if (type === 'array' && items?.properties === undefined && items?.type !== undefined) {
    return items.type === 'integer' ? 'numbers' : 'list'
  }
  const isText = type === 'string' || (Array.isArray(type) && type.includes('string'))
  return isText && !properties ? 'text' : null
}

function usualOf(kind: SettingField['kind'], value: unknown): Value {
  if (kind === 'switch') return value === true
  if (kind === 'choices') return Array.isArray(value) ? value.map(String) : []
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The values of a form for settings that are stored. */
export function valuesOf(fields: readonly SettingField[], config: Readonly<Record<string, unknown>> | null): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const stored = field.path.split('.').reduce<unknown>((at, name) => memberOf(at, name), config)
      return [field.path, stored === undefined ? field.usual : usualOf(field.kind, stored)]
    }),
  )
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

/**
 * The settings that a form says: those that are stored and that it does not ask for, and what differs from the usual.
 */
export function configOf(
  fields: readonly SettingField[],
  values: Values,
  stored: Readonly<Record<string, unknown>> | null = null,
): Record<string, unknown> {
  const config: Record<string, unknown> = { ...stored }
  for (const field of fields) {
    const value = values[field.path] ?? field.usual
    const [name = '', inner] = field.path.split('.')
    const isUsual = !field.isRequired && JSON.stringify(value) === JSON.stringify(field.usual)
    const member = isUsual || value === '' ? undefined : convert(field.kind, value)
    if (inner === undefined) assign(config, name, member)
    else {
      const outer: Record<string, unknown> = Object.fromEntries(Object.entries(config[name] ?? {}))
      assign(outer, inner, member)
      assign(config, name, Object.keys(outer).length > 0 ? outer : undefined)
    }
  }
  return config
}

function assign(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) delete target[name]
  else target[name] = value
}

/** What is no number stays a text: the API says what is wrong with it. */
function convert(kind: SettingField['kind'], value: Value): unknown {
  if (kind === 'number') return numberOr(String(value))
  const parts = String(value)
    .split(/[,;\s]+/)
    .filter(Boolean)
  if (kind === 'list') return parts
  if (kind === 'numbers') return parts.map(numberOr)
  return typeof value === 'string' ? value.trim() : value
}

function numberOr(text: string): unknown {
  const number = Number(text.trim())
  return Number.isNaN(number) ? text : number
}
