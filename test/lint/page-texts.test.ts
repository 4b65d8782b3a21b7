// What nobody reads is not translated for long: each text of the page is said somewhere.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../web/src')

it('says every text of the page somewhere', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const isDictionary = (name: string) => /(?:^|\/)texts\.ts$/.test(name)
  const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')
  const said = files.filter((name) => !isDictionary(name)).map(read)
  const names = files
    .filter(isDictionary)
    .flatMap((name) => [...read(name).matchAll(/^ {2}'?([\w./-]+)'?: \{/gm)].map(([, key = '']) => key))
  expect(names.length).toBeGreaterThan(300)
  // One of several parts is made where it is said, and begins the same.
  const isSaid = (name: string) => {
    const [first = ''] = name.split('.')
    return said.some((text) => text.includes(`'${name}'`) || (first !== name && text.includes(`\`${first}.`)))
  }
  expect(names.filter((name) => !isSaid(name))).toEqual([])
})
