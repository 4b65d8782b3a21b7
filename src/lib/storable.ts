// What PostgreSQL can store, and what a schema can walk: a look at every value from outside before any schema sees it.

import type { FieldError } from '#lib/errors.ts'
import { UNKNOWN_FIELD } from '#lib/field-errors.ts'

/** One list: R2 takes so many parts of an upload, and no other list is as long. */
const MEMBERS_MAX = 10_000
/** All values of a body. The largest that is of use has three for each part of an upload. */
const VALUES_MAX = 50_000
/** The settings of a connector are four deep. */
const DEPTH_MAX = 32

/** PostgreSQL takes no NUL, and UTF-8 has no form for half a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

interface Flaw extends Pick<FieldError, 'code' | 'message'> {
  readonly path: readonly string[]
}

interface Place {
  readonly value: unknown
  /** Null at the root. */
  readonly parent: Place | null
  readonly key: string
  readonly depth: number
}

/**
 * A value that cannot be stored or is more than any schema has to walk. Null: there is none. It does not recurse:
 * what is nested a million times must not overflow the stack.
 */
export function findUnstorable(root: unknown): Flaw | null {
  const places: Place[] = [{ value: root, parent: null, key: '', depth: 0 }]
  let seen = 0
  for (let place = places.pop(); place; place = places.pop()) {
    seen += 1
    const flaw = flawOf(place)
    if (flaw !== null) return { path: pathOf(place), ...FLAWS[flaw] }
    if (typeof place.value !== 'object' || place.value === null) continue
    const { length } = Array.isArray(place.value) ? place.value : Object.keys(place.value)
    if (length > MEMBERS_MAX || seen + places.length + length > VALUES_MAX) {
      return { path: pathOf(place), ...FLAWS.members }
    }
    for (const [key, value] of Object.entries(place.value)) {
      places.push({ value, parent: place, key, depth: place.depth + 1 })
    }
  }
  return null
}

const FLAWS = {
  unknown: { code: 'unknown_field', message: UNKNOWN_FIELD },
  depth: { code: 'too_large', message: { en: 'is nested too deeply', ru: 'слишком глубокая вложенность' } },
  members: { code: 'too_large', message: { en: 'has too many members', ru: 'слишком много элементов' } },
  text: {
    code: 'wrong_form',
    message: {
      en: 'must not hold NUL or half of a surrogate pair',
      ru: 'не может содержать символ NUL или половину суррогатной пары',
    },
  },
} as const

function flawOf({ value, key, depth }: Place): keyof typeof FLAWS | null {
  if (key === '__proto__') return 'unknown'
  if (depth > DEPTH_MAX) return 'depth'
  const isText = isStorable(key) && (typeof value !== 'string' || isStorable(value))
  return isText ? null : 'text'
}

function pathOf({ parent, key }: Place): readonly string[] {
  return parent ? [...pathOf(parent), key] : []
}
