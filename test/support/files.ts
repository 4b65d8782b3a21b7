// A business that imports files: no vendor, nothing but uploads.
import { createTestContext, type TestContext } from '#test/context.ts'
import { type Answer, connect, type Connected } from '#test/tenants.ts'

export interface FileTenant extends Connected {
  readonly context: TestContext
}

export async function createFileTenant(
  additionalConfig: Readonly<Record<string, unknown>> = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<FileTenant> {
  const context = createTestContext(null, variables)
  return { ...(await connect(context, { crmType: 'csv', additionalConfig })), context }
}

export type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

/** Sends a file; `query` begins with `?`. */
export async function send(
  tenant: Connected,
  content: Content,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return tenant.call('POST', `${tenant.path}/imports${query}`, content, { 'content-type': 'text/csv', ...headers })
}

/** The routes of uploads in parts. */
export function uploadsOf(tenant: Connected) {
  const path = `${tenant.path}/imports/uploads`
  return {
    open: async () => tenant.call('POST', path),
    part: async (id: string, n: number | string, content: Content) =>
      tenant.call('PUT', `${path}/${id}/parts/${n}`, content, { 'content-type': 'text/csv' }),
    complete: async (id: string, parts: unknown, query = '') =>
      tenant.call('POST', `${path}/${id}/complete${query}`, { parts }),
    abort: async (id: string) => tenant.call('DELETE', `${path}/${id}`),
  }
}

export async function preview(tenant: Connected, content: Content, headers: Readonly<Record<string, string>> = {}) {
  const { status, json, text } = await send(tenant, content, '?dryRun=true', headers)
  if (status !== 200) throw new Error(text)
  return json
}

/** Uploads, lets the queue work it off, and answers with how the run ended. */
export async function importFile(tenant: Connected, content: Content) {
  const started = await send(tenant, content)
  if (started.status !== 202) throw new Error(started.text)
  await tenant.context.drain()
  return (await tenant.call('GET', `${tenant.path}/runs/${started.json.id}`)).json
}

export interface ErrorLine {
  readonly line: number
  readonly column: string
  readonly reason: string
  readonly raw: string
}

/** `errors.csv`, read by the simplest of parsers: its own writer quotes what has to be quoted. */
export async function errorsOf(tenant: Connected, runId: string): Promise<readonly ErrorLine[]> {
  const { text } = await tenant.call('GET', `${tenant.path}/imports/${runId}/errors.csv`)
  const [header, ...lines] = splitCsv(text)
  if (header?.join() !== 'line,column,reason,raw') throw new Error(`another header: ${text.slice(0, 100)}`)
  return lines.map(([line = '', column = '', reason = '', raw = '']) => ({ line: Number(line), column, reason, raw }))
}

/** RFC 4180, nothing more. */
export function splitCsv(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(cellPattern(delimiter))) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.filter(([first, ...more]) => first !== undefined && (first !== '' || more.length > 0))
}

function cellPattern(delimiter: string): RegExp {
  return new RegExp(String.raw`(?:"((?:[^"]|"")*)"|([^"\r\n${delimiter}]*))(${delimiter}|\r\n|$)`, 'g')
}
