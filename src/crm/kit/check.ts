// The connection test as a list of capabilities: the sync's own client tries each step, and a refusal becomes a
// capability that is not ok, with a sentence for the owner.
import type { CanonicalTransaction, Capability, Customer, LocalizedText, MappedRecord } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { attempt, type CrmError, isUnanswered } from '#lib/crm-error.ts'

/** A report shows no more sales than this: see `Check` of crm/contract.ts. */
export const SAMPLE_MAX = 3

export const READABLE: LocalizedText = { en: 'Readable.', ru: 'Доступны.' }

type Messages = Readonly<Record<string, LocalizedText>>

/** What was found, or why it was refused. */
type ToCapability = (name: string, outcome: LocalizedText | CrmError, required?: boolean) => Capability

/** Null: refused. */
export type Probe = <T>(
  name: string,
  required: boolean,
  read: () => Promise<T>,
  found: (value: T) => LocalizedText,
) => Promise<T | null>

export interface Checklist {
  /** So far, in the order of the report. */
  readonly capabilities: Capability[]
  readonly capability: ToCapability
  /** Tries a step and adds its capability. */
  readonly probe: Probe
}

/** `messages`: the connector's own sentences. */
export function createChecklist(messages: Messages): Checklist {
  const capabilities: Capability[] = []
  const capability = capabilityIn(messages)
  const probe: Probe = async (name, required, read, found) => {
    const { value, error } = await attempt(read)
    capabilities.push(capability(name, error ?? found(value), required))
    return value
  }
  return { capabilities, capability, probe }
}

/** For tests whose capabilities are not a plain list of steps. */
export function capabilityIn(messages: Messages): ToCapability {
  return (name, outcome, required = true) => {
    if (!(outcome instanceof Error)) return { name, required, ok: true, detail: outcome }
    return { name, required, ok: false, detail: describeError(outcome, messages), isUnanswered: isUnanswered(outcome) }
  }
}

/** Whether phones can be seen: users without the right get records with empty ones, and no error. */
export function phoneCapability(
  customers: readonly Customer[],
  texts: { readonly visible: LocalizedText; readonly hidden: LocalizedText },
): Capability[] {
  if (customers.length === 0) return []
  const ok = customers.some(({ phone }) => phone !== null)
  return [{ name: 'client_phones', required: false, ok, detail: ok ? texts.visible : texts.hidden }]
}

export function customersIn(records: readonly MappedRecord[]): Customer[] {
  return records.flatMap((record) => (record.type === 'transaction' ? (record.transaction.customer ?? []) : []))
}

/** The sales of a sample: no more than `SAMPLE_MAX` of them go into the report. */
export function paidIn(records: readonly (MappedRecord | null)[]): CanonicalTransaction[] {
  return records.flatMap((record) =>
    record?.type === 'transaction' && record.transaction.status === 'paid' ? [record.transaction] : [],
  )
}
