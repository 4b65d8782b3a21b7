// `application/x-www-form-urlencoded` with PHP's brackets: `items[add][0][id]=5`. Anyone may send such a body: its size
// is bounded, no name reaches a prototype, and nothing but size makes it throw.

/** Scalars are strings. Lists are objects with indexes as keys, since senders leave gaps: see `listOf`. */
export type FormValue = string | FormObject
export interface FormObject {
  readonly [name: string]: FormValue
}

export class FormError extends Error {
  override readonly name = 'FormError'
}

// The limits are chosen, not measured: well above the forms that vendors document. A larger body is an attack or no
// form.

/** Parts of one name. Vendors nest four to six deep; code that walks the result recursively needs a bound. */
const DEPTH_MAX = 12
/**
 * A batch of a few hundred deals has some thousands of names. Each costs objects in memory, so millions would fill it.
 */
const NAMES_MAX = 20_000
/** Characters of one name: twelve parts of over thirty. A longer one costs time in every step. */
const NAME_MAX = 400
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
/** The key of the scalar where a name is a scalar and a parent at once: `type=3` beside `type[id]=4`. */
const SCALAR = ''

interface Node {
  [name: string]: string | Node
}

/** What `[]` stands for next, one above the highest index so far. */
type NextIndexes = WeakMap<Node, number>

/** Throws FormError for a form beyond the limits. Names that would reach a prototype are left out. */
export function decodeForm(text: string): FormObject {
  const root = emptyNode()
  const nextIndexes: NextIndexes = new WeakMap()
  let names = 0
  for (const [name, value] of new URLSearchParams(text)) {
    names += 1
    if (names > NAMES_MAX) throw new FormError('there are too many names')
    if (name.length > NAME_MAX) throw new FormError('a name is too long')
    const path = pathOf(name)
    if (path.length > DEPTH_MAX) throw new FormError('a name is nested too deeply')
    if (!path.some((part) => FORBIDDEN.has(part))) put(root, path, value, nextIndexes)
  }
  return root
}

/** The members of a list in the order of their indexes; one member for any other value, none for an absent one. */
export function listOf(value: FormValue | undefined): readonly FormValue[] {
  if (value === undefined || value === '') return []
  if (typeof value === 'string') return [value]
  const names = Object.keys(value).filter((name) => name !== SCALAR)
  if (names.length === 0 || !names.every((name) => /^\d+$/.test(name))) return [value]
  return names.toSorted((a, b) => Number(a) - Number(b)).flatMap((name) => value[name] ?? [])
}

function emptyNode(): Node {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object without anything, a prototype included
  return Object.create(null) as Node
}

/** `a[b][]` → `['a', 'b', '']`. A name with unbalanced brackets is one part. */
function pathOf(name: string): readonly string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name)
  if (!match) return [name]
  const [, head = '', rest = ''] = match
  return [head, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, part = '']) => part)]
}

function put(root: Node, path: readonly string[], value: string, nextIndexes: NextIndexes): void {
  let node = root
  for (const [depth, part] of path.entries()) {
    const name = depth > 0 && part === '' ? String(nextIndexes.get(node) ?? 0) : part
    if (/^\d{1,9}$/.test(name)) nextIndexes.set(node, Math.max(nextIndexes.get(node) ?? 0, Number(name) + 1))
    const known = node[name]
    if (depth === path.length - 1) {
      if (typeof known === 'object') known[SCALAR] = value
      else node[name] = value
      return
    }
    const child = typeof known === 'object' ? known : emptyNode()
    if (typeof known === 'string') child[SCALAR] = known
    node[name] = child
    node = child
  }
}
