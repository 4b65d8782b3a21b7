// Which columns say what kind of row it is and whether it was paid.
import { askHeader } from '#crm/csv/doubts.ts'
import { candidatesFor, type Column, type Search } from '#crm/csv/search.ts'
import { isFlagWord } from '#crm/csv/meanings.ts'
import { moneyClassOf } from '#crm/csv/money-headers.ts'
import { meaningOf, type Said } from '#crm/csv/words.ts'

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
  const own = search.settings.words ?? {}
  // «Возврат» may be a flag, or what was given back.
  const isOfSums = ({ header, facts }: Candidate) =>
    moneyClassOf(header) === 'refunded' && facts.money() > 0.5 && !facts.filled.every(isFlagWord)
  return candidatesFor(search, field).flatMap((one) => {
    if (isOfSums(one)) return []
    const cache = new Map<string, Said | null>()
    const meaning = (cell: string) => {
      const known = cache.get(cell)
      if (known !== undefined) return known
      const said = cell === '' ? null : meaningOf(cell, { field, header: one.header }, own)
      cache.set(cell, said)
      return said
    }
    return { ...one, said: one.facts.cells.map(meaning) }
  })
}

function knownShare({ said, facts }: Saying): number {
  return said.filter((meaning) => meaning !== null).length / Math.max(facts.filled.length, 1)
}

const isCertain = ({ score, name }: Candidate) => score >= CERTAIN.kind || SIDES.test(name)

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
  const all = sayings(search, 'status').filter((one) => one.score >= CERTAIN.status || knownShare(one) >= KNOWN_MIN)
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
