// npm run prove against a running environment, as an operator types it. What a check finds is in
// test/checks/prove.test.ts: here all demos share one address, and with it the vendor's limit of calls.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { expect } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

interface Proved {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Proved> {
  const env = { ...process.env, ...variables }
  return new Promise((settle) => {
    execFile('npm', ['run', '--silent', 'prove', '--', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      settle({ code: error ? error.code : 0, stdout, stderr }),
    )
  })
}

interface Started {
  readonly url: string
  readonly demo: { readonly integrationId: string } | null
}

/** The demo is found by itself; no day of it was compared yet. */
export async function proveDemo(directory: string, { url, demo }: Started): Promise<void> {
  const unchecked = await run(['--last', '--language', 'ru'], { DEV_DIR: directory })
  expect(unchecked, unchecked.stderr).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^День .*не сверен\n\nНе удалось сверить: /s),
  })
  const refused = await run(['--token', 'x'], { DEV_DIR: directory })
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^--url is missing\./) })
  const stranger = await run(['--url', url, '--integration', demo?.integrationId ?? '', '--token', 'wrong'], {})
  expect(stranger).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(/^The access token is not valid here\. \(unauthenticated, \S+\)\n$/),
  })
}
