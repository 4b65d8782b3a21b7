// What a file may lead to, and whether it did. Every answer to a question is tried: what it promises is what is stored.
import type { Doubt } from '#crm/imports.ts'
import type { Facts } from './facts.ts'
import { type Layout, toBytes } from './read-layouts.ts'
import { type Business, importFile, type Outcome, paidIn, type Stored } from './import-file.ts'

/** Answers that were given, and where they led. */
export interface Ending {
  readonly answers: readonly string[]
  readonly outcome: Outcome
}

export interface Journey {
  /** Without any answer: the first question or refusal of a file, or what is stored after the last one. */
  readonly first: Outcome
  readonly endings: readonly Ending[]
  /** Choices that stored something else than they promised. */
  readonly broken: readonly string[]
}

/** Endings of a file that asks are looked for until so many are known. */
const ENDINGS_MAX = 40

const NOTHING: Stored = new Map()

/** Uploads the files one after the other; the answers to an earlier one are given to the later ones, too. */
export async function travel(files: readonly Uint8Array[], business: Business): Promise<Journey> {
  const endings: Ending[] = []
  const broken: string[] = []
  let first: Outcome | null = null
  const open: { readonly file: number; readonly stored: Stored; readonly answers: readonly string[] }[] = [
    { file: 0, stored: NOTHING, answers: [] },
  ]
  for (let way = open.shift(); way && endings.length < ENDINGS_MAX; way = open.shift()) {
    const { file, stored, answers } = way
    const bytes = files[file] ?? new Uint8Array()
    const outcome = await importFile(bytes, business, stored, answers)
    const isLast = file === files.length - 1
    if (outcome.type === 'asked') {
      first ??= outcome
      if (answers.length === 0) broken.push(...(await brokenPromises(bytes, business, stored, outcome.doubts)))
      const [doubt] = outcome.doubts
      open.push(...(doubt?.choices ?? []).map(({ id }) => ({ file, stored, answers: [...answers, id] })))
    } else if (outcome.type === 'stored' && !isLast) {
      open.push({ file: file + 1, stored: outcome.stored, answers })
    } else {
      if (answers.length === 0) first ??= outcome
      endings.push({ answers, outcome })
    }
  }
  if (first === null) throw new Error('a file led to nothing')
  return { first, endings, broken }
}

/** A choice's total is that of the file with the other questions answered by their first choices. */
async function brokenPromises(
  bytes: Uint8Array,
  business: Business,
  stored: Stored,
  doubts: readonly Doubt[],
): Promise<string[]> {
  const broken: string[] = []
  for (const { id, count, totalMinor } of doubts.flatMap(({ choices }) => choices)) {
    const outcome = await answerFirst(bytes, business, stored, [id])
    if (outcome.type === 'refused') {
      if (count > 0) broken.push(`${id}: refused as ${outcome.reason}`)
      continue
    }
    if (outcome.type === 'asked') throw new Error('questions without an end')
    const touched = new Set(
      outcome.records.flatMap((record) => (record.type === 'transaction' ? [record.transaction.externalId] : [])),
    )
    const paid = paidIn(outcome.stored).filter(({ externalId }) => touched.has(externalId))
    const total = paid.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
    if (paid.length !== count || total !== totalMinor) {
      broken.push(`${id}: promised ${count} / ${totalMinor}, stored ${paid.length} / ${total}`)
    }
  }
  return broken
}

async function answerFirst(
  bytes: Uint8Array,
  business: Business,
  stored: Stored,
  answers: readonly string[],
): Promise<Outcome> {
  const outcome = await importFile(bytes, business, stored, answers)
  const [next] = outcome.type === 'asked' ? (outcome.doubts[0]?.choices ?? []) : []
  if (!next || answers.length > 30) return outcome
  return answerFirst(bytes, business, stored, [...answers, next.id])
}

export function holds(outcome: Outcome, facts: Facts): boolean {
  if (outcome.type !== 'stored') return false
  const paid = paidIn(outcome.stored)
  const rejected = outcome.records.filter(({ type }) => type === 'unmapped').length
  return (
    paid.length === facts.count &&
    JSON.stringify(sumsOf(paid)) === JSON.stringify(sorted(facts.sums)) &&
    (facts.refunds === undefined || paid.filter(({ kind }) => kind === 'refund').length === facts.refunds) &&
    (facts.rejected === undefined || rejected === facts.rejected) &&
    facts.sales.every((sale) => [...outcome.stored.values()].some((one) => isLike(one, sale)))
  )
}

function isLike(value: unknown, like: unknown): boolean {
  if (typeof like === 'string' && /^\/.*\/$/.test(like)) return new RegExp(like.slice(1, -1)).test(String(value))
  if (typeof like !== 'object' || like === null) return value === like
  if (typeof value !== 'object' || value === null) return false
  const parts: Readonly<Record<string, unknown>> = { ...value }
  return Object.entries(like).every(([key, part]) => isLike(parts[key], part))
}

function sumsOf(paid: ReturnType<typeof paidIn>): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { currency, amountMinor } of paid) sums[currency] = (sums[currency] ?? 0) + amountMinor
  return sorted(sums)
}

function sorted(sums: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const entries = Object.entries(sums).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.filter(([, sum], _, all) => sum !== 0 || all.length === 1))
}

/** For the message of a failing test. */
export function shown(outcome: Outcome): string {
  if (outcome.type === 'refused') return `refused (${outcome.reason}): ${outcome.text.ru}`
  if (outcome.type === 'asked') {
    return outcome.doubts
      .map(({ code, choices }) => {
        const offered = choices.map(({ id, count, totalMinor }) => `${id} = ${count} / ${totalMinor}`)
        return `asks ${code} [${offered.join('; ')}]`
      })
      .join(', ')
  }
  const sales = paidIn(outcome.stored).map(
    ({ externalId, occurredAt, kind, amountMinor, currency }) =>
      `${externalId} ${occurredAt} ${kind} ${amountMinor} ${currency}`,
  )
  const rejected = outcome.records.flatMap((record) => (record.type === 'unmapped' ? [record.reason] : []))
  return `${sales.join('; ')}${rejected.length > 0 ? `; rejected: ${rejected.join(', ')}` : ''}`
}

const RESULTS = [
  ...(['exact', 'asked', 'refused'] as const),
  ...(['silently wrong', 'rejected needlessly', 'asked needlessly', 'refused needlessly', 'promise broken'] as const),
] as const
export type Result = (typeof RESULTS)[number]

export interface Judged {
  readonly result: Result
  readonly first: Outcome
  /** For the message of a failing test. */
  readonly told: string
}

export async function resultOf(layout: Layout): Promise<Judged> {
  const { asks, right, mustAsk, mayRefuse } = layout
  const { first, endings, broken } = await travel([toBytes(layout.table, layout.format)], layout)
  const told = [shown(first), ...broken].join('\n')
  const is = (result: Result, why = ''): Judged => ({ result, first, told: told + why })
  if (broken.length > 0) return is('promise broken')
  if (first.type === 'stored') {
    if (!mustAsk && right.some((facts) => holds(first, facts))) return is('exact')
    return is(first.records.some(({ type }) => type === 'unmapped') ? 'rejected needlessly' : 'silently wrong')
  }
  if (first.type === 'refused') return is(mayRefuse ? 'refused' : 'refused needlessly')
  const isReached = right.length === 0 || endings.some(({ outcome }) => right.some((facts) => holds(outcome, facts)))
  if (!isReached) return is('promise broken', '\nno answer leads to what is right')
  return is(first.doubts.every(({ code }) => asks.includes(code)) ? 'asked' : 'asked needlessly')
}

/** How often each result came. */
export function countsOf(results: readonly Result[]): Readonly<Record<string, number>> {
  return Object.fromEntries(RESULTS.map((name) => [name, results.filter((one) => one === name).length]))
}
