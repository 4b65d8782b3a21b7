// What is stored of an integration's sales, as its connector asks for it.
import { and, count, eq, ne, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Customer, Session, StoredSale, StoredScope, Twin } from '#crm/contract.ts'
import { isoInstant } from '#db/columns.ts'
import { isAnyOf } from '#db/filter.ts'
import { crmTransactions } from '#db/schema/crm-transactions.ts'
import { orNull, Transaction } from '#transactions/schema.ts'

/** What a connector may ask of an integration's stored sales. */
export type StoredReader = Pick<Session<unknown>, 'storedIds' | 'storedSales' | 'aliases'>

type Question =
  | ({ readonly about: 'ids' } & StoredScope)
  | { readonly about: 'sales' | 'aliases'; readonly among: readonly string[] }

interface Asked {
  readonly question: Question
  readonly answer: (value: unknown) => void
  readonly fail: (error: unknown) => void
}

/** Questions that are asked at once, by Promise.all, are one request. */
export function createStoredReader({ db }: Pick<Context, 'db'>, integrationId: string): StoredReader {
  let asked: Asked[] = []
  const send = async () => {
    const sent = asked
    asked = []
    try {
      const questions = JSON.stringify(sent.map(({ question }) => question))
      const [[answers] = []] = await db.call('select read_stored($1, $2)', [integrationId, questions])
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function's own
      sent.forEach(({ answer }, index) => answer((answers as readonly unknown[])[index]))
    } catch (error) {
      for (const { fail } of sent) fail(error)
    }
  }
  // `Answer` is what the function answers to such a question.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as said
  const ask = async <Answer>(question: Question): Promise<readonly Answer[]> => {
    if (question.among?.length === 0) return []
    return new Promise((settle, fail) => {
      if (asked.length === 0) queueMicrotask(() => void send())
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said
      asked.push({ question, answer: (value) => settle(value as readonly Answer[]), fail })
    })
  }
  return {
    storedIds: async (scope) => ask<string>({ about: 'ids', ...scope }),
    storedSales: async (among) => new Map((await ask<StoredRow>({ about: 'sales', among })).map(toStoredSale)),
    aliases: async (among) => new Set(await ask<string>({ about: 'aliases', among })),
  }
}

type StoredRow = StoredSale & { readonly externalId: string; readonly customer: Customer }

function toStoredSale({ externalId, ...row }: StoredRow): [string, StoredSale] {
  return [
    externalId,
    {
      ...row,
      occurredAt: isoInstant(row.occurredAt),
      customer: orNull(row.customer),
      sourceUpdatedAt: row.sourceUpdatedAt === null ? null : isoInstant(row.sourceUpdatedAt),
      items: Transaction.shape.items.parse(row.items),
    },
  ]
}

/** How many of these sales are as an import left them. */
export async function storedByImport(
  context: Context,
  integrationId: string,
  { importId, among }: { readonly importId: string; readonly among: readonly string[] },
): Promise<number> {
  const { externalId, status, runId } = crmTransactions
  const rows = await context.db
    .select({ sales: count() })
    .from(crmTransactions)
    .where(
      and(
        ...[eq(crmTransactions.integrationId, integrationId), isAnyOf(externalId, among), ne(status, 'cancelled')],
        sql`${runId} in (select r.id from sync_runs r where r.import_id = ${importId}::uuid and r.task = 'pull')`,
      ),
    )
  return rows[0]?.sales ?? 0
}

export async function storedTwins(
  context: Context,
  integrationId: string,
  of: readonly Omit<Twin, 'externalId'>[],
): Promise<readonly Twin[]> {
  if (of.length === 0) return []
  const wanted = JSON.stringify(
    of.map(({ occurredAt, kind, amountMinor }) => ({ at: occurredAt, kind, amount: amountMinor })),
  )
  const { externalId, occurredAt, kind, amountMinor, status } = crmTransactions
  const rows = await context.db
    .select({ externalId, occurredAt, kind, amountMinor })
    .from(crmTransactions)
    .where(
      and(
        eq(crmTransactions.integrationId, integrationId),
        ne(status, 'cancelled'),
        sql`(${occurredAt}, ${kind}, ${amountMinor}) in (
          select r.at, r.kind, r.amount from json_to_recordset(${wanted}::json) as r(at timestamptz, kind text, amount bigint))`,
      ),
    )
  return rows.map((row) => ({ ...row, occurredAt: isoInstant(row.occurredAt) }))
}
