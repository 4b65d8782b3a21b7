// A JSON Schema as a line of words and, for an object, a list of its properties.
import { nameOf, type Schema } from './document.ts'
import { type Html, markup } from './html.ts'
import { inline } from './markdown.ts'

type Words = readonly (Html | string)[]

/** Keywords that say what a value may be, in the order in which they are read. */
const BOUNDS: Readonly<Record<string, (value: unknown) => string>> = {
  format: String,
  minimum: (value) => `from ${String(value)}`,
  maximum: (value) => `to ${String(value)}`,
  exclusiveMinimum: (value) => `above ${String(value)}`,
  exclusiveMaximum: (value) => `below ${String(value)}`,
  minLength: (value) => `at least ${String(value)} characters`,
  maxLength: (value) => `at most ${String(value)} characters`,
  minItems: (value) => `at least ${String(value)} items`,
  maxItems: (value) => `at most ${String(value)} items`,
  const: (value) => JSON.stringify(value),
  default: (value) => `${JSON.stringify(value)} by default`,
}

export const SCHEMAS_PATH = '/docs/schemas'

export function schemaLink(name: string): Html {
  return markup`<a href="${SCHEMAS_PATH}#${name}">${name}</a>`
}

/** `integer, from 1, to 200, 50 by default`. */
export function typeOf(schema: Schema): Words {
  const { $ref, anyOf, oneOf, allOf, items } = schema
  if ($ref !== undefined) return [schemaLink(nameOf($ref))]
  const choices = anyOf ?? oneOf
  if (choices) return joined(choices.map(typeOf), ' or ')
  if (allOf) return joined(allOf.map(typeOf), ' and ')
  if (items && schema.type === 'array') return ['list of ', ...typeOf(items), ...boundsOf(schema)]
  const { type, additionalProperties } = schema
  const name = typeof type === 'string' ? type : type?.join(' or ')
  if (schema.enum)
    return [
      ...joined(
        schema.enum.map((value) => [markup`<code>${String(value)}</code>`]),
        ', ',
      ),
    ]
  if (type === 'object' && !schema.properties && typeof additionalProperties === 'object') {
    return ['object of ', ...typeOf(additionalProperties)]
  }
  return [name ?? ('const' in schema ? '' : 'any value'), ...boundsOf(schema)]
}

function boundsOf(schema: Schema): Words {
  const known = Object.entries(BOUNDS).filter(([keyword]) => keyword in schema)
  return known.map(([keyword, say], index) => {
    const isFirst = index === 0 && schema.type === undefined
    return `${isFirst ? '' : ', '}${say(schema[keyword])}`
  })
}

function joined(parts: readonly Words[], separator: string): Words {
  return parts.flatMap((part, index) => (index === 0 ? part : [separator, ...part]))
}

/** The properties of an object, of the objects in a list, and of those in it that have no name of their own. */
export function properties(schema: Schema, depth = 0): Html | '' {
  const object = schema.items ?? schema
  const parts = [object, ...(object.allOf ?? []), ...(object.anyOf ?? []), ...(object.oneOf ?? [])]
  const entries = parts.flatMap(({ properties: own = {}, required = [] }) =>
    Object.entries(own).map(([name, part]) => ({ name, part, isRequired: required.includes(name) })),
  )
  if (entries.length === 0 || depth > 4) return ''
  return markup`<dl>${entries.map(({ name, part, isRequired }) => property(name, part, { isRequired, depth }))}</dl>`
}

interface Place {
  readonly isRequired: boolean
  readonly depth: number
}

function property(name: string, schema: Schema, { isRequired, depth }: Place): Html {
  const type = markup`<i>${typeOf(schema)}${isRequired ? markup`, <em>required</em>` : ''}</i>`
  return markup`<dt><code>${name}</code> ${type}</dt>
<dd>${schema.description ? inline(schema.description) : ''}${properties(schema, depth + 1)}</dd>`
}

interface About {
  readonly where: string
  readonly text: string
  readonly anchor?: string
}

/** A parameter or a header: a property that stands alone. */
export function entry(name: string, schema: Schema, { where, text, anchor }: About): Html {
  const id = anchor === undefined ? '' : markup` id="${anchor}"`
  return markup`<dt${id}><code>${name}</code> <i>${where}${typeOf(schema)}</i></dt>
<dd>${inline(text)}</dd>`
}
