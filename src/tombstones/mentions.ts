// Whether a text that nobody has parsed names an erased customer: the body of a hook, a row of a file. It errs on the
// side of yes, since such texts are kept for people to look at and for nothing else.
import { normalizePhone } from '#lib/phone.ts'
import { emailOf, type Erased } from '#tombstones/erased.ts'

const ENCODED = /%([0-9a-f]{2})/gi
/** A phone as people and programs write it; forms have a plus for a space. Quotes, commas and semicolons end it. */
const NUMBER = /\+?\d[\d ()+.-]{6,24}/g
const LOCAL_PART = /[\w.+-]{1,64}$/
const DOMAIN = /^[\w.-]{1,200}/
const LOCAL_PART_MAX = 64
const DOMAIN_MAX = 200
const WORD = /[\p{L}\d_-]{1,64}/gu

export function mentionsErased(text: string, erased: Erased): boolean {
  if (erased.count === 0) return false
  const decoded = text.replaceAll(ENCODED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return (
    some(phonesIn(decoded), (value) => erased.hasTrait({ trait: 'phone', value })) ||
    some(emailsIn(decoded), (value) => erased.hasTrait({ trait: 'email', value })) ||
    (erased.hasIds && some(wordsIn(decoded), (value) => erased.hasTrait({ trait: 'id', value })))
  )
}

function some(values: ReadonlySet<string>, test: (value: string) => boolean): boolean {
  return [...values].some(test)
}

function phonesIn(text: string): ReadonlySet<string> {
  const numbers = new Set([...text.matchAll(NUMBER)].map(([number]) => number))
  const spaced = (number: string) => (number.lastIndexOf('+') > 0 ? normalizePhone(number.replaceAll('+', ' ')) : null)
  return new Set([...numbers].flatMap((number) => [normalizePhone(number) ?? [], spaced(number) ?? []].flat()))
}

function emailsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const [local] = LOCAL_PART.exec(text.slice(Math.max(at - LOCAL_PART_MAX, 0), at)) ?? []
    const [domain] = DOMAIN.exec(text.slice(at + 1, at + 1 + DOMAIN_MAX)) ?? []
    if (local !== undefined && domain !== undefined) found.add(emailOf(`${local}@${domain.replace(/\.$/, '')}`))
  }
  return found
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(WORD)].map(([word]) => word))
}
