// No file imports itself by way of others, types included: oxlint's `import/no-cycle` does not see `import type`.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDERS = '{src,sandbox,dev,bench,chaos,client}/**/*.ts'
/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`. */
const IMPORTED = /(?:^|\s)from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm
const { imports } = z
  .object({ imports: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))

function resolveImport(root: string, from: string, name: string): string | null {
  if (name.startsWith('.')) return resolve(dirname(from), name)
  for (const [alias, target] of Object.entries(imports)) {
    const start = alias.replace('*', '')
    const isMatch = alias.endsWith('*') ? name.startsWith(start) : name === alias
    if (isMatch) return resolve(root, target.replace('*', name.slice(start.length)))
  }
  return null
}

/** Every circle's first find, as the files on the way round. */
function findCircles(root: string): string[] {
  const files = globSync(FOLDERS, { cwd: root }).map((file) => join(root, file))
  const importsOf = (file: string): string[] => {
    if (!existsSync(file) || !file.endsWith('.ts')) return []
    return [...readFileSync(file, 'utf8').matchAll(IMPORTED)]
      .map(([, ...names]) => resolveImport(root, file, names.find((name) => name !== undefined) ?? ''))
      .filter((target) => target !== null)
  }
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0)
      return void circles.push(
        path
          .slice(start)
          .map((name) => name.slice(root.length + 1))
          .join(' → '),
      )
    if (done.has(file)) return
    for (const target of importsOf(file)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return circles
}

it('finds no circle of imports, those of types included', () => {
  expect(findCircles(ROOT)).toEqual([])
})

it.each([
  ['by relative names', "import type { B } from './b.ts'", "import type { A } from './a.ts'"],
  ['by aliases', "import { type B } from '#sync/b.ts'", "export type { A } from '#sync/a.ts'"],
  ['over several lines', "import type {\n  B,\n} from '#sync/b.ts'", "type A = import('./a.ts').A"],
])('finds a made-up pair %s', (_, a, b) => {
  const root = mkdtempSync(join(tmpdir(), 'crm-integrations-circles-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'src/sync'), { recursive: true })
  writeFileSync(join(root, 'src/sync/a.ts'), `${a}\nexport type A = B\n`)
  writeFileSync(join(root, 'src/sync/b.ts'), `${b}\nexport type B = A\n`)
  expect(findCircles(root)).toEqual(['src/sync/a.ts → src/sync/b.ts'])
})
