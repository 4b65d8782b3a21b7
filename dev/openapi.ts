// npm run openapi: writes the API's document to the standard output, without a running service.
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '..')
const ENTRY = `
import { createOpenApi } from '#api/openapi/document.ts'
import { ROUTES } from '#api/routes.ts'
export const document = createOpenApi(ROUTES)
`
/** What the Worker's runtime brings, and no route needs before it is called. */
const WORKERS = 'export class DurableObject {}; export const waitUntil = () => undefined'

const runtime: Plugin = {
  name: 'runtime',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^cloudflare:workers$/ }, ({ path }) => ({ path, namespace: 'runtime' }))
    bundle.onLoad({ filter: /./, namespace: 'runtime' }, () => ({ contents: WORKERS }))
  },
}

const Module = z.object({ document: z.record(z.string(), z.unknown()) })

export async function openApiDocument(): Promise<Readonly<Record<string, unknown>>> {
  const { outputFiles } = await build({
    ...{ stdin: { contents: ENTRY, resolveDir: ROOT }, plugins: [runtime] },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', conditions: ['workerd', 'worker'] },
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  return Module.parse(await import(`data:text/javascript;base64,${code}`)).document
}

if (import.meta.main) console.log(JSON.stringify(await openApiDocument(), null, 2))
