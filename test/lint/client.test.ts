// What the package of the client promises beside its behaviour: its types are those of the API, and it stays small.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { openApiDocument } from '#dev/openapi.ts'

const CLIENT = join(import.meta.dirname, '../../client')
const GZIP_MAX = 8 * 1024
const GENERATE = ['--default-non-nullable', 'false']

it('has the types of the document: npm run generate -w client', async () => {
  const generating = promisify(execFile)(join(CLIENT, 'node_modules/.bin/openapi-typescript'), GENERATE, {
    cwd: CLIENT,
  })
  generating.child.stdin?.end(JSON.stringify(await openApiDocument()))
  const { stdout } = await generating
  expect(stdout).toBe(await readFile(join(CLIENT, 'src', 'schema.ts'), 'utf8'))
})

it('takes at most 8 KB of a page, gzip', async () => {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(CLIENT, 'src/index.ts')], platform: 'browser', format: 'esm' },
    ...{ bundle: true, minify: true, write: false },
  })
  expect(gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength).toBeLessThan(GZIP_MAX)
})
