// npm run phone-metadata: what libphonenumber knows of the world's phone numbers, without how each country likes to see
// them written. Two thirds of its size are formats, and the service only ever writes E.164.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as z from 'zod'

const FILE = join(import.meta.dirname, '../src/lib/phone-metadata.json')
/** The place of a country's formats in its tuple; 0 stands for none. */
const FORMATS = 4

const Country = z.array(z.unknown())
const Metadata = z.looseObject({
  countries: z.record(z.string(), Country),
  nonGeographic: z.record(z.string(), Country),
})

/** The text of `src/lib/phone-metadata.json` for the installed library. */
export function phoneMetadata(): string {
  const source = createRequire(import.meta.url).resolve('libphonenumber-js/metadata.min.json')
  const all = Metadata.parse(JSON.parse(readFileSync(source, 'utf8')))
  const without = (countries: z.infer<typeof Metadata>['countries']) =>
    Object.fromEntries(Object.entries(countries).map(([code, country]) => [code, withoutFormats(country)]))
  return JSON.stringify({
    ...all,
    countries: without(all.countries),
    nonGeographic: without(all.nonGeographic),
  })
}

function withoutFormats(country: readonly unknown[]): readonly unknown[] {
  return country.map((part, index) => (index === FORMATS && Array.isArray(part) ? 0 : part))
}

if (import.meta.main) writeFileSync(FILE, `${phoneMetadata()}\n`)
