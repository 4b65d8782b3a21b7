// A seventh CRM, added to a copy of the repository by what CONTRIBUTING.md says in "How to add a CRM" and nothing else:
// only the files it names are brought or changed. Where it does not name all of them, the copy does not pass.
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FIXTURE = join(ROOT, 'test/fixtures/seventh-crm')
const TYPE = 'kiosk'

const read = (path: string) => readFileSync(path, 'utf8')
const filesIn = (cwd: string) =>
  globSync('**/*', { cwd, exclude: ['node_modules'] }).filter((path) => statSync(join(cwd, path)).isFile())

const [, section = ''] = /^## How to add a CRM\n(.*?)^## /ms.exec(read(join(ROOT, 'CONTRIBUTING.md'))) ?? []
/** A step begins with what it makes or changes; below the connector's folder stand its files. */
const steps = [...section.matchAll(/^\d\. `([^`]+)`/gm)].map(([, name = '']) => name.replace('<type>', TYPE))
const parts = [...section.matchAll(/^ +- `([^`]+)`/gm)].map(([, name]) => `src/crm/${TYPE}/${name}`)
const brought = [...parts, ...steps.filter((name) => name.includes(TYPE) && !name.endsWith('/'))].toSorted()

const GENERATE = 'npm run db:generate'
/** The line or two that the files get which list the CRMs. */
const EDITS: Readonly<Record<string, (text: string) => string>> = {
  'src/lib/crm-types.ts': (text) => text.replace('] as const', `, '${TYPE}'] as const`),
  'src/crm/registry.ts': (text) =>
    text
      .replace('\n\nconst BY_TYPE', `\nimport { kiosk } from '#crm/${TYPE}/index.ts'$&`)
      .replace(/const BY_TYPE[^}]*/, '$&  kiosk,\n'),
  'sandbox/registry.ts': (text) =>
    text
      .replace('\n\nexport const DEMOS', `\nimport { createKioskDemo } from '#sandbox/${TYPE}.ts'$&`)
      .replace(/const DEMOS[^}]*/, '$&  kiosk: createKioskDemo,\n'),
}

const LISTS = Object.keys(EDITS)
/** What lies beside the repository's own files: installed, generated or running. */
const NOT_OURS = /^(node_modules|\.git|\.wrangler|\.dev.*|dist|results|worker-configuration\.d\.ts)$/
const isOurs = (path: string) => !path.split('/').some((part) => NOT_OURS.test(part))

let copy: string

interface Ended {
  readonly code: unknown
  readonly output: string
}

/** In the copy, and not as a part of this test run. */
async function run(command: string, ...args: readonly string[]): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS)/.test(name)))
  const { promise, resolve } = Promise.withResolvers<Ended>()
  execFile(command, args, { cwd: copy, env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, output: stdout + stderr }),
  )
  return promise
}

const tool = async (name: string, ...args: readonly string[]) => run(join('node_modules/.bin', name), ...args)

function expectPassed({ code, output }: Ended): void {
  expect(code, output).toBe(0)
}

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'crm-integrations-seventh-'))
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !NOT_OURS.test(basename(path)) })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const path of filesIn(FIXTURE).filter((path) => brought.includes(path))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    copyFileSync(join(FIXTURE, path), join(copy, path))
  }
  for (const step of steps) {
    const edit = EDITS[step]
    if (edit) writeFileSync(join(copy, step), edit(read(join(copy, step))))
    else if (step === GENERATE) await run('npm', 'run', 'db:generate')
  }
  const types = 'worker-configuration.d.ts'
  if (existsSync(join(ROOT, types))) copyFileSync(join(ROOT, types), join(copy, types))
  else await run('npm', 'run', 'types')
}, 240_000)

afterAll(() => rmSync(copy, { recursive: true, force: true }))

it('is made of the files that README names, and no other', () => {
  expect(filesIn(FIXTURE).toSorted()).toEqual(brought)
})

it('changes the lists that README names, gets its migration, and changes nothing else', () => {
  expect(steps.filter((name) => !name.includes(TYPE)).toSorted()).toEqual([GENERATE, ...LISTS].toSorted())
  const before = (path: string) => (existsSync(join(ROOT, path)) ? read(join(ROOT, path)) : null)
  const changed = filesIn(copy).filter(
    (path) => !brought.includes(path) && isOurs(path) && read(join(copy, path)) !== before(path),
  )
  const isMigration = (path: string) => /^migrations\/(\d+_\w+\.sql|meta\/\w+\.json)$/.test(path)
  expect(changed.filter((path) => !isMigration(path)).toSorted()).toEqual(LISTS.toSorted())
  // Its SQL, the state after it, and the journal of all.
  expect(changed.filter(isMigration)).toHaveLength(3)
})

it('compiles', async () => {
  for (const project of ['tsconfig.json', 'tsconfig.node.json']) {
    expectPassed(await tool('tsc', '-p', project))
  }
}, 240_000)

it('keeps the rules of lint and format', async () => {
  const files = [...brought.filter((path) => path.endsWith('.ts')), ...LISTS]
  // Without the rules that need types: they read the whole program, and say nothing of a new CRM that tsc does not.
  expectPassed(await tool('oxlint', '--deny-warnings', ...files))
  expectPassed(await tool('oxfmt', '--check', ...files))
}, 240_000)

it('keeps the promises of every connector', async () => {
  const ended = await tool('vitest', 'run', '--maxWorkers', '1', `test/crm/${TYPE}`)
  expectPassed(ended)
  expect(ended.output).toMatch(/^1\d passed, 0 failed$/m)
}, 240_000)
