// Two generators make a client of the document, and what a stranger writes with it compiles under strict TypeScript.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { openApiDocument } from '#dev/openapi.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Inside the repository, whose packages they import. */
const FOLDER = join(ROOT, `node_modules/.cache/generators-${process.pid}`)
const TOOLS = join(ROOT, 'client/node_modules/.bin')
const COMPILER = {
  ...{ target: 'ES2024', module: 'esnext', moduleResolution: 'bundler', lib: ['ES2024', 'DOM', 'DOM.AsyncIterable'] },
  ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, types: [] },
}

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

async function run(tool: string, ...options: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(tool, options, { cwd: FOLDER })
    return stdout
  } catch (error) {
    throw new Error(Object(error).stdout || String(error), { cause: error })
  }
}

it('openapi-typescript with openapi-fetch, and @hey-api/openapi-ts, without a cast', async () => {
  mkdirSync(FOLDER, { recursive: true })
  cpSync(join(ROOT, 'test/fixtures/generators'), FOLDER, { recursive: true })
  const document = join(FOLDER, 'openapi.json')
  writeFileSync(document, JSON.stringify(await openApiDocument()))
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, include: ['*.ts'] }))
  await Promise.all([
    run(join(TOOLS, 'openapi-typescript'), document, '--output', 'schema.ts'),
    run(join(TOOLS, 'openapi-ts'), '-i', document, '-o', 'generated', '-c', '@hey-api/client-fetch'),
  ])
  expect(await run(join(ROOT, 'node_modules/.bin/tsc'), '-p', 'tsconfig.json')).toBe('')
})
