// Comments and documents cite only what is in the repository: a reader must be able to open it.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDERS = 'bench|chaos|client|dev|docs|migrations|sandbox|src|test'
const PATH = new RegExp(String.raw`(?<![\w/.#-])(?:${FOLDERS})/[\w./-]*\w\.(?:ts|md|sql|json)\b`, 'g')
const DOCUMENT = /(?<![\w/.#-])(?:\.\.?\/)*[\w/-]+(?:\.[\w-]+)*\.md\b/g
/** Documents that its authors had beside them, by the words they were cited with. */
const PRIVATE = /\b(?:contract|design)(?:\.md)? sections?\b|\b(?:contract|design|style|platform|toolchain)\.md\b/gi
/** Names made-up files on purpose. */
const FIXTURES = new Set([
  'test/lint/import-rules.test.ts',
  'test/lint/import-circles.test.ts',
  'test/lint/citations.test.ts',
])

/** A tree of its own, whose files cite each other. */
const FIXTURE = /^test\/fixtures\/[\w-]+/

/** What a text cites that cannot be opened. */
function dangling(file: string, text: string): string[] {
  const folders = ['', 'docs', dirname(file), FIXTURE.exec(file)?.[0] ?? '']
  const exists = (path: string) => folders.some((folder) => existsSync(join(ROOT, folder, path)))
  const cited = [...text.matchAll(PATH), ...text.matchAll(DOCUMENT)].map(([path]) => path)
  const secret = [...text.matchAll(PRIVATE)].map(([words]) => words)
  return [...cited.filter((path) => !exists(path)), ...secret]
}

function tracked(): string[] {
  const patterns = ['*.ts', '*.md', '*.sql', '*.toml', '.ci/run']
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return listed.split('\n').filter((file) => file !== '' && !FIXTURES.has(file) && existsSync(join(ROOT, file)))
}

it('finds a file that is not there, and words for a document that is elsewhere', () => {
  expect(dangling('src/lib/id.ts', '// see docs/operations.md, src/lib/id.ts and operations.md')).toEqual([])
  expect(dangling('src/lib/id.ts', '// docs/nowhere.md')).toEqual(['docs/nowhere.md', 'docs/nowhere.md'])
  expect(dangling('src/lib/id.ts', '// src/lib/gone.ts; contract.md section 4')).toEqual([
    'src/lib/gone.ts',
    'contract.md',
    'contract.md section',
  ])
})

it('cites nothing that is not in the repository', () => {
  const files = tracked()
  expect(files.length).toBeGreaterThan(300)
  const found = files.flatMap((file) =>
    dangling(file, readFileSync(join(ROOT, file), 'utf8')).map((what) => `${file}: ${what}`),
  )
  expect(found).toEqual([])
})
