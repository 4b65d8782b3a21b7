// Which columns say what kind of row it is and whether it was paid.
import { askHeader } from '#crm/csv/doubts.ts'
import { candidatesFor, type Column, type Search } from '#crm/csv/search.ts'
import { isFlagWord } from '#crm/csv/meanings.ts'
import { moneyClassOf } from '#crm/csv/money-headers.ts'
import { headerScore, isTotals, meaningOf, type Said } from '#crm/csv/words.ts'

/** A header from here on is certain: each of its words is known or asked. */
const CERTAIN = { kind: 0.9, status: 0.87 } as const
const KNOWN_MIN = 0.5

/** Credit and debit in one column. */
const SIDES =
  /^(?:d ?c|c ?d)(?: indicator)?$|credit debit|debit credit|дебет кредит|кредит дебет|приход расход|soll haben/

type Candidate = ReturnType<typeof candidatesFor>[number]

interface Saying extends Candidate {
  /** One for each row; null for empty cells and for words that nobody knows. */
  readonly said: readonly (Said | null)[]
}

function sayings(search: Search, field: 'kind' | 'status'): readonly Saying[] {
  // «Возврат» and «Оплачено» may be a flag, or a sum.
  const isOfSums = ({ header, facts }: Candidate) =>
    moneyClassOf(header) !== null && facts.money() > 0.5 && !facts.filled.every(isFlagWord)
  const byHeader = candidatesFor(search, field).flatMap((one) => (isOfSums(one) ? [] : [sayingOf(search, field, one)]))
  // A second kind would be taken for a part of the first; a second status is asked about where it contradicts.
  return byHeader.length > 0 && field === 'kind' ? byHeader : [...byHeader, ...byCells(search, field)]
}

function sayingOf({ settings }: Search, field: 'kind' | 'status', one: Candidate): Saying {
  const own = settings.words ?? {}
  const cache = new Map<string, Said | null>()
  const meaning = (cell: string) => {
    const known = cache.get(cell)
    if (known !== undefined) return known
    const said = cell === '' ? null : meaningOf(cell, { field, header: one.header }, own)
    cache.set(cell, said)
    return said
  }
  return { ...one, said: one.facts.cells.map(meaning) }
}

function knownShare({ said, facts }: Saying): number {
  return said.filter((meaning) => meaning !== null).length / Math.max(facts.filled.length, 1)
}

const FEW = 8

/** A few words that come again and again are no free text. */
function isOfFewWords({ facts }: Candidate): boolean {
  const distinct = new Set(facts.filled).size
  return distinct <= FEW && distinct < facts.filled.length
}

const isCertain = (one: Candidate) => one.score >= CERTAIN.kind || SIDES.test(one.name) || isOfFewWords(one)

/** Columns of other things that may have such words. */
const OTHERS =
  /клиент|customer|client|достав|deliver|fulfil|подписк|subscription|mail|склад|stock|товар|product|item|карт|card|guest|гост|оплаты?$|payment method|способ/

/** Where no header says it: a column of a few words that are all known and of which some change what is stored. */
function byCells(search: Search, field: 'kind' | 'status'): readonly Saying[] {
  const { headers, names, facts, taken } = search
  if (!search.hasHeader) return []
  const [good, bad] =
    field === 'kind'
      ? [['sale'], ['refund']]
      : [
          ['paid', 'sale'],
          ['cancelled', 'unpaid'],
        ]
  return facts.flatMap((of, at): readonly Saying[] => {
    const name = names[at] ?? ''
    const one = { at, header: headers[at] ?? '', name, score: 0.5, facts: of }
    const isOfWords = new Set(of.filled).size <= FEW && of.share((cell) => /\p{L}{2}/u.test(cell)) === 1
    const isKnownHeader = headerScore(name, field) > 0
    if (taken.has(at) || isKnownHeader || OTHERS.test(name) || !isOfWords) return []
    const saying = sayingOf(search, field, one)
    const said = new Set<string | null>(
      saying.said.filter((_, row) => of.cells[row] !== '' && !isTotals(of.cells[row] ?? '')),
    )
    const isKnown = !said.has(null) && good.some((word) => said.has(word)) && bad.some((word) => said.has(word))
    return isKnown ? [saying] : []
  })
}

/** All that say it: a document may be a receipt in one column and a refund in another. */
export function findKinds(search: Search): Column | null {
  const all = sayings(search, 'kind').filter((one) => isCertain(one) || knownShare(one) >= KNOWN_MIN)
  const speaking = all.filter((one) => knownShare(one) > 0)
  const used = speaking.length > 0 ? speaking : all
  const [first] = used
  if (!first) return null
  const rival = used.find((one) => one !== first && contradict(first, one))
  const chosen = rival ? [ask(search, 'kind_rivals', [first, rival])] : used
  return { at: chosen.map(({ at }) => at).toSorted((a, b) => a - b), confidence: first.score }
}

/** Each says refund of rows of which the other says sale. */
function contradict(one: Saying, other: Saying): boolean {
  const says = (a: Saying, b: Saying) => a.said.some((said, row) => said === 'refund' && b.said[row] === 'sale')
  return says(one, other) && says(other, one)
}

const FULFILMENT = /fulfil|достав|deliver|shipping|shipment|отгруз|відвант/

/** The one that says whether it was paid. */
export function findStatus(search: Search): Column | null {
  const all = sayings(search, 'status').filter(
    (one) => one.score >= CERTAIN.status || isOfFewWords(one) || knownShare(one) >= KNOWN_MIN,
  )
  const ofPayment = all.filter(({ name }) => !FULFILMENT.test(name))
  const isOfPayment = ({ name }: Saying) => /оплат|платеж|payment|financial|сплат/.test(name)
  const [best, ...others] = (ofPayment.length > 0 ? ofPayment : all).toSorted(
    (a, b) => Number(isOfPayment(b)) - Number(isOfPayment(a)),
  )
  if (!best) return null
  const rival = others.find((one) => one.said.some((said, row) => said === 'cancelled' && best.said[row] === 'paid'))
  const chosen = rival ? ask(search, 'status_rivals', [best, rival]) : best
  return { at: [chosen.at], confidence: chosen.score }
}

function ask({ asking }: Search, code: 'kind_rivals' | 'status_rivals', [first, second]: readonly [Saying, Saying]) {
  return askHeader(asking, code, [first.header, second.header]) === second.header ? second : first
}
