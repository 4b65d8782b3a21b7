// The width of comments, which the formatter leaves alone.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FOLDERS = 'bench,chaos,dev,sandbox,src,test'
const WIDTH_MAX = 120
const COMMENT = /^\s*(?:\/\/|\/?\*)/

const isWide = (line: string) => COMMENT.test(line) && line.length > WIDTH_MAX

it('writes no comment line of more than 120 characters', () => {
  const files = globSync(`{${FOLDERS}}/**/*.ts`, { cwd: ROOT })
  expect(files.length).toBeGreaterThan(400)
  const wide = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (isWide(line) ? [`${file}:${index + 1}`] : [])),
  )
  expect(wide).toEqual([])
})

it('would find one', () => {
  expect(isWide(`// ${'word '.repeat(30)}`)).toBe(true)
})
