// One object as it is now. An answer that is empty says nothing: right after a change every read is.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { createAskCard, createContacts } from '#crm/renovatio/contacts.ts'
import { look, readRows, readStored, settle } from '#crm/renovatio/invoices.ts'
import { mapVisit } from '#crm/renovatio/map.ts'
import { countsVisit } from '#crm/renovatio/plan.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { openWorkOnce, type Work } from '#crm/renovatio/work.ts'

export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | null> {
  const work = await openWorkOnce(session)
  if (externalId.startsWith('invoice:')) return readInvoice(work, externalId)
  if (externalId.startsWith('appointment:')) return readVisit(work, externalId)
  return null
}

async function readInvoice(work: Work, externalId: string): Promise<MappedRecord | null> {
  const number = externalId.slice('invoice:'.length)
  const rows = readRows(await work.client.invoices({ number: [number] }))
  const desk = { stored: await readStored(work, rows), contacts: createContacts(), isNews: true, refill: true }
  const looked = look(work, rows.numbers.get(number) ?? [], desk)
  if (looked) return (await settle(work, looked, desk, createAskCard(work.client)))[0] ?? null
  return rows.unreadable.find((record) => record.externalId === externalId) ?? null
}

async function readVisit(work: Work, externalId: string): Promise<MappedRecord | null> {
  if (!(await countsVisit(work, externalId))) return null
  const rows = await work.client.visits({ appointment_id: externalId.slice('appointment:'.length) })
  const records = rows.map((row) => mapVisit(row, work))
  return (
    records.find((record) =>
      record.type === 'transaction' ? record.transaction.externalId === externalId : record.externalId === externalId,
    ) ?? null
  )
}
