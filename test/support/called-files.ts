// For test/api/truth.test.ts: every operation of files, right and wrong.
import { expect } from 'vitest'
import { DOCUMENT } from '#test/documented.ts'
import { type FileTenant, importFile, send, uploadsOf } from '#test/files.ts'
import type { Connected } from '#test/tenants.ts'
import { askUndo, fileOf, sales } from '#test/undo.ts'

const example = (name: string) => DOCUMENT.components.examples[name].value
const DOUBTFUL = 'id,date,amount\n1,03/04/2024,5\n'

export async function callFiles(tenant: FileTenant): Promise<void> {
  const { call, path } = tenant
  const sample = await call('GET', `${path}/imports/sample.csv`)
  expect((await call('POST', `${path}/imports/preview`, sample.text, { 'content-type': 'text/csv' })).json.new).toBe(3)
  expect((await send(tenant, sample.text, '?dryRun=true')).status).toBe(200)
  expect((await send(tenant, '%PDF-1.7')).json.code).toBe('unreadable_file')
  expect((await send(tenant, DOUBTFUL)).json.code).toBe('mapping_unconfirmed')
  await savedFormats(tenant)
  const { id } = await importFile(tenant, fileOf(sales(100, 5)))
  expect((await call('GET', `${path}/imports/${id}/errors.csv`)).text).toMatch(/line,column,reason,raw/)
  const stopped = await importFile(tenant, fileOf(sales(100, 7)))
  expect((await call('POST', `${path}/runs/${stopped.id}/confirm`)).status).toBe(202)
  await tenant.context.drain()
  expect((await askUndo(tenant, id, '?dryRun=true')).status).toBe(200)
  expect((await askUndo(tenant, id)).status).toBe(202)
  await tenant.context.drain()
  expect((await askUndo(tenant, id)).json.code).toBe('not_undoable')
  const uploads = uploadsOf(tenant)
  const [first, second] = [(await uploads.open()).json.id, (await uploads.open()).json.id]
  const part = await uploads.part(first, 1, fileOf(sales(1, 3)))
  expect((await uploads.part(second, 1, '%PDF-1.7')).json.code).toBe('unreadable_file')
  expect((await uploads.complete(first, [part.json])).status).toBe(202)
  expect((await uploads.abort(second)).status).toBe(204)
  expect((await uploads.abort(second)).status).toBe(404)
}

async function savedFormats({ call, path }: Connected) {
  const till = `${path}/formats/till`
  expect((await call('PUT', till, example('PutFormat'))).status).toBe(201)
  expect((await call('PUT', till, example('PutFormat'))).status).toBe(200)
  expect((await call('GET', till)).json.name).toBe('till')
  for (let n = 1; n < 50; n += 1) await call('PUT', `${path}/formats/${n}`, {})
  expect((await call('PUT', `${path}/formats/more`, {})).json.code).toBe('too_many_formats')
  expect((await call('GET', `${path}/formats?limit=1`)).json.items).toHaveLength(1)
  expect((await call('DELETE', till)).status).toBe(204)
}
