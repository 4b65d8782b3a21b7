// Whether each value that one JSON Schema describes is one of another: what callers send has to fit the new document,
// and what it answers the released one. Knows the keywords that the API's document uses.

export type Json = Readonly<Record<string, unknown>>
export type Resolve = (reference: string) => Json

export interface Comparison {
  readonly narrow: Resolve
  readonly wide: Resolve
  /** Answers may grow: by members, and by words of a list. */
  readonly mayGrow: boolean
}

const LOWEST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems']
const HIGHEST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems']
const SAME = ['format', 'pattern']

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf(value: unknown): readonly string[] {
  return listOf(value).map(String)
}

/** What does not fit, each with its place. */
export function misfits(narrow: unknown, wide: unknown, place: string, comparison: Comparison): string[] {
  const choices = alternatives(wide, comparison.wide)
  return alternatives(narrow, comparison.narrow).flatMap((one) => {
    const tried = choices.map((choice) => differences(one, choice, place, comparison))
    if (tried.length === 0 || tried.some(({ length }) => length === 0)) return []
    const [first = []] = tried.toSorted((a, b) => rank(a) - rank(b))
    return first
  })
}

/** A difference of the type says the least. */
function rank(found: readonly string[]): number {
  return found.some((text) => text.includes(' is not ')) ? 1000 : found.length
}

function alternatives(schema: unknown, resolve: Resolve): readonly Json[] {
  const { $ref, anyOf, oneOf, allOf, ...own } = objectOf(schema)
  if (typeof $ref === 'string') return alternatives({ ...resolve($ref), ...own }, resolve)
  const choices = [...listOf(anyOf), ...listOf(oneOf)]
  if (choices.length > 0) return choices.flatMap((choice) => alternatives(choice, resolve))
  if (Array.isArray(allOf)) return [joined(allOf.flatMap((part) => alternatives(part, resolve)))]
  const { type } = own
  return Array.isArray(type) ? type.map((one: unknown) => ({ ...own, type: one })) : [own]
}

function joined(parts: readonly Json[]): Json {
  const all = (keyword: string) => parts.flatMap((part) => Object.entries(objectOf(part[keyword])))
  return {
    ...Object.fromEntries(parts.flatMap((part) => Object.entries(part))),
    ...{ properties: Object.fromEntries(all('properties')) },
    required: parts.flatMap((part) => textsOf(part['required'])),
  }
}

function differences(narrow: Json, wide: Json, place: string, comparison: Comparison): string[] {
  const [type, expected] = [textOf(narrow['type']), textOf(wide['type'])]
  const isType = expected === 'any' || type === expected || (type === 'integer' && expected === 'number')
  if (!isType) return [`${place}: ${type} is not ${expected}`]
  return [
    ...(comparison.mayGrow ? [] : [...narrowed(narrow, wide, place), ...words(narrow, wide, place)]),
    ...members(narrow, wide, place, comparison),
    ...(wide['items'] === undefined ? [] : misfits(narrow['items'], wide['items'], `${place}[]`, comparison)),
  ]
}

function textOf(type: unknown): string {
  return typeof type === 'string' ? type : 'any'
}

function narrowed(narrow: Json, wide: Json, place: string): string[] {
  const has = (schema: Json, keyword: string) => (schema[keyword] === undefined ? null : Number(schema[keyword]))
  const isNarrower = (keyword: string, sign: 1 | -1) => {
    const [before, now] = [has(narrow, keyword), has(wide, keyword)]
    return now !== null && (before === null || sign * now > sign * before)
  }
  const found = [
    ...LOWEST.filter((keyword) => isNarrower(keyword, 1)),
    ...HIGHEST.filter((keyword) => isNarrower(keyword, -1)),
    ...SAME.filter((keyword) => wide[keyword] !== undefined && wide[keyword] !== narrow[keyword]),
  ]
  return found.map((keyword) => `${place}: ${keyword} is narrower`)
}

function words({ enum: own }: Json, { enum: allowed }: Json, place: string): string[] {
  if (allowed === undefined) return []
  if (own === undefined) return [`${place}: takes only some words`]
  const known = new Set(textsOf(allowed))
  return textsOf(own).flatMap((word) => (known.has(word) ? [] : [`${place}: no longer takes ${word}`]))
}

function members(narrow: Json, wide: Json, place: string, comparison: Comparison): string[] {
  const [own, allowed] = [objectOf(narrow['properties']), objectOf(wide['properties'])]
  const isRequired = new Set(textsOf(narrow['required']))
  const lacking = textsOf(wide['required']).filter((name) => !isRequired.has(name))
  // What is no longer answered breaks whoever reads it, though it was not always there.
  const gone = comparison.mayGrow ? Object.keys(allowed).filter((name) => !(name in own)) : []
  return [
    ...[...new Set([...lacking, ...gone])].map(
      (name) => `${place}.${name}: ${name in own ? 'is not always there' : 'is missing'}`,
    ),
    ...Object.entries(own).flatMap(([name, schema]) => {
      const inside = `${place}.${name}`
      if (name in allowed) return misfits(schema, allowed[name], inside, comparison)
      return wide['additionalProperties'] === false && !comparison.mayGrow ? [`${inside}: is no longer taken`] : []
    }),
  ]
}
