import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { phoneMetadata } from '#dev/phone-metadata.ts'

it('src/lib/phone-metadata.json is what the installed library knows; npm run phone-metadata makes it anew', () => {
  expect(readFileSync('src/lib/phone-metadata.json', 'utf8')).toBe(`${phoneMetadata()}\n`)
})
