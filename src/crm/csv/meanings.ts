// The meaning of a cell in a column for kinds or statuses. Every word of it has to be known: an unknown one may say the
// contrary, so it is asked, never guessed.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { foldText, wordsOf } from '#crm/csv/fold.ts'
import { CLASSES, CREDIT, NO, type WordClass, YES } from '#crm/csv/meaning-words.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'

export const MEANINGS = ['sale', 'refund', 'ignore', 'paid', 'unpaid', 'cancelled'] as const
export type Meaning = (typeof MEANINGS)[number]
/** `none`: a known word that says nothing. */
export type Said = Meaning | 'none'
export type OwnWords = Partial<Readonly<Record<Said, readonly string[] | undefined>>>

export interface WordColumn {
  readonly field: 'kind' | 'status'
  readonly header: string
}

/** Null for words that are not known, and for numbers. The words of the settings come first. */
export function meaningOf(cell: string, column: WordColumn, own: OwnWords = {}): Said | null {
  if (cell.length > MATCHED_MAX) return null
  const word = foldText(cell).trim()
  for (const meaning of [...MEANINGS, 'none'] as const)
    if (own[meaning]?.some((one) => foldText(one).trim() === word)) return meaning
  const key = `${column.field} ${column.header.slice(0, MATCHED_MAX)}\n${word}`
  const known = knownCache.get(key)
  return known === undefined ? knownCache.set(key, knownMeaning(cell, word, column)) : known
}

const knownCache = createBoundedCache<string, Said | null>(3000)

const OF_CREDIT = /credit|кредит|haben|^(?:d ?c|c ?d|cr dr|dr cr|дт кт|кт дт)$/

function knownMeaning(cell: string, word: string, column: WordColumn): Said | null {
  if (YES.has(word)) return flagOf(column.header)
  if (NO.has(word)) return contraryOf(column.header)
  // What a debit is for, nobody knows.
  if (CREDIT.has(word) && OF_CREDIT.test(wordsOf(column.header).join(' '))) return 'sale'
  const effects = cell.includes('%') ? null : effectsOf(cell)
  // «приход/возврат» is one of the two.
  const isEither = /[/;]/.test(cell) && effects?.has('refund') === true && effects.size > 1
  return isEither ? null : verdictOf(effects, contextOf(column))
}

/** A word of a column whose header says what it means. */
export function isFlagWord(cell: string): boolean {
  const word = foldText(cell.slice(0, MATCHED_MAX)).trim()
  return YES.has(word) || NO.has(word)
}

/** Whether a word of a status says that money was given back, and not only that the sale is none. */
export function saysGivenBack(cell: string): boolean {
  const effects = effectsOf(cell.slice(0, MATCHED_MAX))
  return effects?.has('refunded') === true || effects?.has('refund') === true
}

const IS_LIVE = /^(?:is[ _])?live ?mode$/

/** What a yes means below this header; null when the header says nothing that can be so or not. */
export function flagOf(header: string): Said | null {
  if (IS_LIVE.test(foldText(header.slice(0, MATCHED_MAX)))) return 'none'
  const effects = headerEffects(header)
  if (effects === null) return null
  const said = verdictOf(effects.has('pay') ? new Set([...effects, 'paid']) : effects, PLAIN)
  return said === 'none' ? null : said
}

function contraryOf(header: string): Said | null {
  if (IS_LIVE.test(foldText(header.slice(0, MATCHED_MAX)))) return 'ignore'
  const effects = headerEffects(header)
  const yes = flagOf(header)
  if (yes === 'unpaid') return effects?.has('awaits') === true ? null : 'paid'
  // Goods that are not with the customer may be paid.
  if (yes === 'paid') return effects?.has('done') === true ? null : 'unpaid'
  return yes === 'refund' || yes === 'cancelled' || yes === 'ignore' ? 'none' : null
}

/** «Признак возврата», «Оплачен (да/нет)», `Is paid?`. */
const OF_FLAGS = /(?<!\p{L})(?:признак|флаг|ли|flag|да\s?\/\s?нет|yes\s?\/\s?no|y\/n)(?!\p{L})/gu

function headerEffects(header: string): ReadonlySet<Effect> | null {
  return effectsOf(foldText(header.slice(0, MATCHED_MAX)).replaceAll(OF_FLAGS, ' '))
}

/** What words of a cell come to, once those that turn the next one around are taken into account. */
type Effect = Exclude<WordClass, 'filler' | 'not' | 'part'> | 'clear' | 'contrary' | 'partRefund'

interface Context {
  readonly isKind: boolean
  readonly isOrder: boolean
  readonly isPayment: boolean
}

const PLAIN: Context = { isKind: false, isOrder: false, isPayment: false }
const ORDER = /заказ|замовл|order|запис|визит|visit|booking|fulfil|достав|shipping|delivery|бронир/
const PAYMENT = /оплат|платеж|payment|financial|paid|zahlung|pago|paiement|төлем/

function contextOf({ field, header }: WordColumn): Context {
  const name = foldText(header.slice(0, MATCHED_MAX))
  const isPayment = PAYMENT.test(name)
  return { isKind: field === 'kind', isOrder: !isPayment && ORDER.test(name), isPayment }
}

const NEGATED: Partial<Readonly<Record<Effect, Effect>>> = {
  ...({ paid: 'unpaid', pay: 'unpaid', confirmed: 'unpaid', done: 'step', step: 'step', sale: 'ignore' } as const),
  ...({ cancelled: 'clear', failed: 'clear', refund: 'clear', refunded: 'clear' } as const),
}
const HALVED: Partial<Readonly<Record<Effect, Effect>>> = {
  ...({ paid: 'unpaid', pay: 'unpaid', unpaid: 'unpaid', done: 'step', step: 'step' } as const),
  ...({ refund: 'partRefund', refunded: 'partRefund' } as const),
}

/** Null when a word is unknown. */
function effectsOf(cell: string): ReadonlySet<Effect> | null {
  const classes = classesOf(wordsOf(cell))
  if (classes === null) return null
  const effects: Effect[] = []
  let turn: typeof NEGATED | null = null
  let isHalf = false
  for (const one of classes) {
    if (one === 'filler') continue
    if (one === 'not' || one === 'part') {
      if (turn === NEGATED && one === 'part') effects.push('contrary')
      turn = one === 'not' ? NEGATED : HALVED
      isHalf ||= one === 'part'
      continue
    }
    // Papers, goods and orders stand between: “no receipt” is unclear, «без заказа» too.
    effects.push(turn === null ? one : (turn[one] ?? 'contrary'))
    turn = null
  }
  if (turn !== null) {
    const last = effects.pop()
    if (last !== undefined) effects.push(turn[last] ?? 'contrary')
    else if (isHalf) effects.push('unpaid')
  }
  return new Set(effects)
}

function verdictOf(effects: ReadonlySet<Effect> | null, column: Context): Said | null {
  if (effects === null || effects.size === 0 || effects.has('contrary') || effects.has('unclear')) return null
  if (effects.has('paidOut')) return column.isKind ? null : 'paid'
  const has = (...some: readonly Effect[]) => some.some((one) => effects.has(one))
  const isOrder = !has('pay') && (column.isOrder || has('order'))
  const isPayment = column.isPayment || has('pay')
  const isBack = has('refund', 'refunded', 'partRefund')
  const isUnpaid =
    has('unpaid') || (has('awaits') && !has('step')) || (has('inWork') && !isOrder) || (has('processing') && isPayment)
  const isSold = has('sale', 'pay', 'paid', 'done')
  if (has('ignore')) return 'ignore'
  if (has('cost')) return isSold || isBack ? null : 'ignore'
  if (isBack && !column.isKind) return backOf(has, isUnpaid, isOrder)
  if (has('cancelled') && has('failed')) return null
  if (has('cancelled', 'failed')) return 'cancelled'
  if (isUnpaid) return 'unpaid'
  if (isBack) return 'refund'
  if (has('paid', 'done') || (has('confirmed') && !isOrder)) return 'paid'
  // «без возврата прихода» may be either.
  if (has('sale', 'pay')) return has('clear') ? null : 'sale'
  if (has('step', 'confirmed', 'processing', 'inWork', 'awaits')) return null
  return 'none'
}

/** A refund that is asked for, or failed, leaves its sale unclear; a part of it leaves it paid. */
function backOf(has: (...some: readonly Effect[]) => boolean, isUnpaid: boolean, isOrder: boolean): Said | null {
  if (isUnpaid || has('awaits', 'processing', 'inWork', 'step')) return null
  if (has('refunded')) return 'cancelled'
  if (has('cancelled', 'failed')) return null
  if (has('partRefund')) return 'paid'
  // The row of an order is the sale, not its refund.
  return isOrder ? null : 'refund'
}

interface Entry {
  readonly words: readonly string[]
  readonly is: WordClass
}

/** By the first two letters of the first word. */
const ENTRIES: ReadonlyMap<string, readonly Entry[]> = Map.groupBy(
  CLASSES.flatMap(([is, entries]) =>
    entries.split('|').map((entry): Entry => ({ words: entry.trim().split(' '), is })),
  ).toSorted((a, b) => b.words.length - a.words.length || b.words.join('').length - a.words.join('').length),
  ({ words }) => (words[0] ?? '').replace('*', '').slice(0, 2),
)

/** Null when a word is unknown. */
function classesOf(words: readonly string[]): readonly WordClass[] | null {
  const classes: WordClass[] = []
  for (let at = 0; at < words.length;) {
    const word = words[at] ?? ''
    const entry = /^\d+$/.test(word) ? FILLER : entryAt(words, at)
    if (entry === undefined) {
      const turned = negated(word)
      if (turned === null) return null
      classes.push('not', turned)
    } else classes.push(entry.is)
    at += entry?.words.length ?? 1
  }
  return classes
}

const FILLER: Entry = { words: [''], is: 'filler' }

function entryAt(words: readonly string[], at: number): Entry | undefined {
  const known = ENTRIES.get((words[at] ?? '').slice(0, 2)) ?? []
  return known.find((entry) => entry.words.every((one, index) => fits(words[at + index] ?? '', one)))
}

function fits(word: string, entry: string): boolean {
  return entry.endsWith('*') ? word.startsWith(entry.slice(0, -1)) : word === entry
}

const NEGATIONS = ['не', 'ne', 'un', 'dis', 'in', 'non', 'nie']
const TURNED: ReadonlySet<WordClass> = new Set([
  'paid',
  'done',
  'confirmed',
  'pay',
  'refund',
  'refunded',
  'cancelled',
  'failed',
])

/** «неоплачен», `unconfirmed`: the class of the rest of the word. */
function negated(word: string): WordClass | null {
  for (const prefix of NEGATIONS) {
    if (!word.startsWith(prefix)) continue
    const rest = entryAt([word.slice(prefix.length)], 0)
    if (rest?.words.length === 1 && TURNED.has(rest.is)) return rest.is
  }
  return null
}
