// The client as it is built, in the Node that its README promises: no other test leaves the Node of the scripts.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
/** Inside the repository, whose packages it imports. */
const FOLDER = join(ROOT, `node_modules/.cache/client-build-${process.pid}`)
const run = promisify(execFile)

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

/** Node 20 where the machine has it; elsewhere at least a build that runs. */
async function oldNode(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node')
    if (existsSync(node) && (await run(node, ['--version'])).stdout.startsWith('v20.')) return node
  }
  return process.execPath
}

it('works as built, under Node 20', async () => {
  mkdirSync(FOLDER, { recursive: true })
  cpSync(join(ROOT, 'test/fixtures/old-node'), FOLDER, { recursive: true })
  // `npm run check` has looked at the types.
  const options = ['--noCheck', '--declaration', 'false', '--outDir', join(FOLDER, 'dist')]
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(ROOT, 'client'), ...options])
  const { stdout, stderr } = await run(await oldNode(), ['program.mjs'], { cwd: FOLDER })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    states: ['running', null, 'succeeded', 'now'],
    ...{ after: 7, id: 'r', refusal: ['ProblemError', 'not_found'], isOneKey: true },
  })
})
