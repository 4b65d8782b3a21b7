// R2 for a Worker in plain workerd: the requests that the runtime makes of a bucket, on files of this machine.
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { freePort } from '#dev/free-port.ts'

const ofObject = { object: z.string() }
const Operation = z.discriminatedUnion('method', [
  z.looseObject({
    method: z.literal('get'),
    ...ofObject,
    range: z.object({ offset: z.coerce.number().default(0), length: z.coerce.number().optional() }).optional(),
  }),
  z.looseObject({ method: z.literal('head'), ...ofObject }),
  z.looseObject({ method: z.literal('put'), ...ofObject }),
  z.looseObject({
    method: z.literal('delete'),
    object: z.string().optional(),
    objects: z.array(z.string()).optional(),
  }),
  z.looseObject({ method: z.literal('createMultipartUpload'), ...ofObject }),
  z.looseObject({ method: z.literal('uploadPart'), ...ofObject, partNumber: z.number() }),
  z.looseObject({
    method: z.literal('completeMultipartUpload'),
    ...ofObject,
    parts: z.array(z.object({ part: z.number() })),
  }),
  z.looseObject({ method: z.literal('abortMultipartUpload'), ...ofObject }),
])
type Operation = z.infer<typeof Operation>

export interface FileServer {
  readonly address: string
  readonly pathOf: (key: string) => string
  readonly close: () => Promise<void>
}

/** Keys become names of files in the folder. Parts are of one upload after the other, in their order. */
export async function serveFiles(directory: string): Promise<FileServer> {
  mkdirSync(directory, { recursive: true })
  const pathOf = (key: string) => join(directory, encodeURIComponent(key))
  const server = createServer((request, response) => {
    answer(request, response, pathOf).catch((error: unknown) => {
      console.error(error)
      response.writeHead(500).end()
    })
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((settle) => {
      server.close(settle)
    })
  }
  return { address: `127.0.0.1:${port}`, pathOf, close }
}

async function answer(request: IncomingMessage, response: ServerResponse, pathOf: FileServer['pathOf']): Promise<void> {
  const header = request.headers['cf-r2-request']
  const operation = Operation.parse(JSON.parse(typeof header === 'string' ? header : await metadataOf(request)))
  if (operation.method === 'delete') {
    for (const key of operation.objects ?? [operation.object ?? '']) rmSync(pathOf(key), { force: true })
    return void response.writeHead(200).end()
  }
  const path = pathOf(operation.object)
  // An object that has this name already can be read until the upload is complete.
  const parts = `${path}.parts`
  if (operation.method === 'createMultipartUpload') return sendResult(response, { uploadId: 'upload' })
  if (operation.method === 'abortMultipartUpload') return sendResult(response, {})
  if (operation.method === 'uploadPart') {
    await pipeline(request, createWriteStream(parts, { flags: operation.partNumber === 1 ? 'w' : 'a' }))
    return sendResult(response, { etag: `part-${operation.partNumber}` })
  }
  if (operation.method === 'put') {
    await pipeline(request, createWriteStream(path))
    return sendResult(response, objectOf(operation.object, path))
  }
  if (operation.method === 'completeMultipartUpload') renameSync(parts, path)
  await read(operation, path, response)
}

async function read(
  operation: Extract<Operation, { object: string }>,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: -1 }
  if (size < 0) {
    const error = JSON.stringify({ version: 1, v4code: 10_007, message: 'The specified key does not exist.' })
    return void response.writeHead(404, { 'cf-r2-error': error }).end()
  }
  if (operation.method !== 'get') return sendResult(response, objectOf(operation.object, path))
  const offset = operation.range?.offset ?? 0
  const length = Math.min(operation.range?.length ?? size, size - offset)
  const metadata = Buffer.from(JSON.stringify({ ...objectOf(operation.object, path), range: { offset, length } }))
  response.writeHead(200, {
    ...{ 'content-type': 'application/json', 'cf-r2-metadata-size': String(metadata.length) },
    'content-length': String(metadata.length + length),
  })
  response.write(metadata)
  await pipeline(createReadStream(path, { start: offset, end: offset + length - 1 }), response)
}

function objectOf(name: string, path: string) {
  const { size, mtimeMs } = statSync(path)
  return {
    ...{ name, version: '1', size, etag: 'etag', uploaded: String(Math.round(mtimeMs)) },
    ...{ httpFields: {}, customFields: [], checksums: {} },
  }
}

function sendResult(response: ServerResponse, result: unknown): void {
  const body = Buffer.from(JSON.stringify(result))
  response.writeHead(200, { 'content-type': 'application/json', 'cf-r2-metadata-size': String(body.length) }).end(body)
}

/** What stands before the value in the body of a request that writes; the value is left in the stream. */
async function metadataOf(request: IncomingMessage): Promise<string> {
  const size = Number(request.headers['cf-r2-metadata-size'])
  for (;;) {
    const taken: unknown = request.read(size)
    if (taken instanceof Buffer) return taken.toString()
    await once(request, 'readable')
  }
}
