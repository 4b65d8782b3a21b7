// JSON Schemas of the document, made from the schemas that requests are checked by.
import * as z from 'zod'

export type Json = Readonly<Record<string, unknown>>
type Override = NonNullable<z.core.ToJSONSchemaParams['override']>

/** Zod writes the bounds of safe integers, a pattern beside each format, that names are texts: nobody needs them. */
const plain: Override = ({ jsonSchema }) => {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  if (jsonSchema.format === 'date-time') delete jsonSchema.maxLength
  if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames
  // A union of one.
  const [only, ...others] = jsonSchema.anyOf ?? []
  if (only && others.length === 0) {
    delete jsonSchema.anyOf
    Object.assign(jsonSchema, { ...only, ...jsonSchema })
  }
}

/** Generators take a member with a default for one that is always there, so bodies name theirs in words. */
const closed: Override = (context) => {
  plain(context)
  delete context.jsonSchema.default
}

/** What a client has to accept: answers grow by members, so theirs are open. What is sent is closed. */
const open: Override = (context) => {
  closed(context)
  if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties
}

const OPTIONS = { io: 'input', unrepresentable: 'any' } as const

export function reference(id: string): string {
  return `#/components/schemas/${id}`
}

/** The name of a body's schema: clients that are made from the document name their types by it. */
export function nameOf(schema: z.ZodType): string {
  const id = schema.meta()?.id
  if (id === undefined) throw new Error('the schema of a body needs an id')
  return id
}

/** Of a parameter. */
export function parametersOf(
  schema: z.ZodObject,
): readonly (readonly [name: string, schema: Json, required: boolean])[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { ...OPTIONS, override: plain })
  return Object.entries(properties).map(([name, schema]) => {
    return [name, typeof schema === 'boolean' ? {} : schema, required.includes(name)]
  })
}

/** `sent`: the names of the schemas of what callers send. What these refer to is sent with them. */
export function componentSchemas(sent: readonly string[]): Json {
  const make = (override: Override): Readonly<Record<string, Json>> =>
    z.toJSONSchema(z.globalRegistry, { ...OPTIONS, uri: reference, override }).schemas
  const [strict, opened] = [make(closed), make(open)]
  const isSent = new Set<string>()
  const visit = (id: string) => {
    if (isSent.has(id)) return
    isSent.add(id)
    for (const name of namesIn(strict[id])) visit(name)
  }
  for (const id of sent) visit(id)
  // By name: the registry's own order is the one in which modules were loaded.
  const ids = Object.keys(opened).toSorted()
  return Object.fromEntries(ids.map((id) => [id, bare((isSent.has(id) ? strict : opened)[id] ?? {})]))
}

/** The names of the schemas that a part of the document refers to. */
export function namesIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.slice(reference('').length)] : namesIn(value),
  )
}

function bare({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema
}
