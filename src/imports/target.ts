import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { LocalizedText } from '#crm/contract.ts'
import type { Imports } from '#crm/imports.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import { type Chunks, type Head, readHead } from '#lib/read-body.ts'
import { findForSession } from '#integrations/queries.ts'
import type { SessionRow } from '#connections/session.ts'
import type { TenantScope } from '#db/tenant.ts'

/** An integration that accepts files. */
export interface Target {
  readonly row: SessionRow
  readonly connector: Connector<unknown, unknown>
  readonly imports: Imports<unknown, unknown>
  readonly settings: unknown
  readonly language: keyof LocalizedText
}

/** Null: no such integration. Throws Problem `invalid_request` for one that accepts no files. */
export async function findTarget(
  context: Context,
  { integrationId, tenant, language }: TenantScope & { readonly language: keyof LocalizedText },
): Promise<Target | null> {
  const row = await findForSession(context.db, integrationId, tenant)
  if (!row) return null
  const connector = connectorOf(row.crmType)
  if (!connector.imports) {
    throw new Problem('invalid_request', {
      detail: {
        en: `${connector.title} takes no files: its sales are pulled.`,
        ru: `${connector.title}: файлы не загружаются, продажи забираются сами.`,
      },
    })
  }
  const settings = connector.settings.safeParse(row.additionalConfig ?? {})
  if (!settings.success)
    throw new Problem('invalid_request', {
      detail: {
        en: 'Save the settings of this integration again.',
        ru: 'Сохраните настройки этого подключения ещё раз.',
      },
    })
  return { row, connector, imports: connector.imports, settings: settings.data, language }
}

/** Turns a CrmError from reading a file into the Problem for its sender. Other errors stay as they are. */
export function unreadable(target: Target, error: unknown): unknown {
  if (!(error instanceof CrmError)) return error
  const detail = describeError(error, target.connector.messages)
  return new Problem('unreadable_file', { detail, extensions: { reason: error.reason }, cause: error })
}

export function sentenceOf(error: CrmError, { connector, language }: Target): string {
  return describeError(error, connector.messages)[language]
}

/** The chunks of a request's body. */
export function chunksOf(body: ReadableStream<Uint8Array> | null): Chunks {
  return (body ?? new Blob([]).stream())[Symbol.asyncIterator]()
}

/** Reads the first bytes. Throws Problem when the upload is interrupted. */
export async function takeHead(chunks: Chunks, bytesMax: number): Promise<Head> {
  return readHead(unbroken(chunks), bytesMax)
}

/** Throws Problem when the upload is interrupted: that is the sender's failure, not an internal error. */
export function unbroken(chunks: Chunks): AsyncGenerator<Uint8Array> {
  return (async function* () {
    for (;;) {
      let next: IteratorResult<Uint8Array, unknown>
      try {
        next = await chunks.next()
      } catch (error) {
        if (error instanceof Problem) throw error
        throw new Problem('invalid_request', {
          detail: { en: 'The upload broke off. Nothing was stored.', ru: 'Загрузка прервалась. Ничего не сохранено.' },
          cause: error,
        })
      }
      if (next.done === true) return
      yield next.value
    }
  })()
}
