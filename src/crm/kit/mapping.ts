// Vendor records → canonical records. A vendor's record may be anything: one that cannot be read goes to quarantine
// with its reason and stops nothing.
import type * as z from 'zod'
import type { AppliedRule, CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import { MoneyError } from '#lib/money.ts'
import { TimeError } from '#lib/time.ts'

export type Unmapped = Extract<MappedRecord, { type: 'unmapped' }>

/** What is wrong with a record; the message names the field. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
}

/** A sale and the rule that decided its status. */
export type Ruled = CanonicalTransaction & { readonly rule: AppliedRule }

/** Runs a mapper. A record that it cannot read (FieldError, MoneyError, TimeError) goes to quarantine. */
export function mapGuarded(externalId: string | null, raw: unknown, map: () => Ruled): MappedRecord {
  try {
    const { rule, ...transaction } = map()
    return { type: 'transaction', transaction, rule }
  } catch (error) {
    const isRecord = error instanceof FieldError || error instanceof MoneyError || error instanceof TimeError
    if (isRecord) return unmapped(externalId, error.message, raw)
    throw error
  }
}

/** The parsed record, or the reason why it cannot be parsed. */
export function readRecord<T>(schema: z.ZodType<T>, raw: unknown, externalId: string | null): T | Unmapped {
  const parsed = schema.safeParse(raw)
  return parsed.success ? parsed.data : unmapped(externalId, issueOf(parsed.error), raw)
}

export function unmapped(externalId: string | null, reason: string, raw: unknown): Unmapped {
  return { type: 'unmapped', externalId, reason, raw }
}

export function gone(externalId: string, rule?: AppliedRule): MappedRecord {
  return { type: 'gone', externalId, sourceUpdatedAt: null, ...(rule && { rule }) }
}

/** The first issue of a parse error: the path of the field and the message. */
export function issueOf({ issues: [issue] }: z.ZodError): string {
  return issue ? `${issue.path.map(String).join('.') || 'record'}: ${issue.message}` : 'unreadable'
}

export function externalIdOf(record: MappedRecord): string | null {
  return record.type === 'transaction' ? record.transaction.externalId : record.externalId
}

/** The id of a record that may be anything; null when it has none. */
export function idIn(raw: unknown, name = 'id'): string | null {
  const id: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, name) : null
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : null
}

/** `prefixed('lead:', '7')` → `lead:7`; null stays null. */
export function prefixed(prefix: string, id: string | null): string | null {
  return id === null ? null : `${prefix}${id}`
}
