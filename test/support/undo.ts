// Undoing imports through the API.
import type { Connected } from '#test/tenants.ts'

export async function askUndo({ call, path }: Connected, runId: string, query = '', headers = {}) {
  return call('POST', `${path}/imports/${runId}/undo${query}`, undefined, headers)
}

export async function previewOf(tenant: Connected, runId: string) {
  const { status, json, text } = await askUndo(tenant, runId, '?dryRun=true')
  if (status !== 200) throw new Error(text)
  return json
}

/** Undoes an import, lets the queue work it off, and answers with how the run ended. */
export async function undo(tenant: Connected, runId: string) {
  const { status, json, text } = await askUndo(tenant, runId)
  if (status !== 202) throw new Error(text)
  await tenant.context.drain()
  return (await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json
}

export interface FileRow {
  readonly id: number
  readonly sum: number
  readonly status?: 'оплачен' | 'отменён'
  readonly client?: string
  readonly day?: string
}

export function fileOf(rows: readonly FileRow[]): string {
  const lines = rows.map(({ id, sum, status = 'оплачен', client = 'Анна', day = '02.03.2024' }) =>
    [`N-${id}`, day, `${sum},50`, status, client].join(';'),
  )
  return `${['Номер заказа;Дата;Сумма;Статус;Клиент', ...lines].join('\n')}\n`
}

/** Rows with the ids from `from` on. */
export function sales(count: number, sum: number, from = 1): FileRow[] {
  return Array.from({ length: count }, (_, n) => ({ id: from + n, sum }))
}
