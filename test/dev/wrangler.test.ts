import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod'

const CONFIG = join(import.meta.dirname, '../../wrangler.toml')
const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-wrangler-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const Settings = z.looseObject({ vars: z.record(z.string(), z.unknown()) })

function settingsOf(config: string, env?: string) {
  return Settings.parse(readConfig({ config, ...(env && { env }) }, { hideWarnings: true }))
}

/** What production has otherwise than the top level, as wrangler itself reads the file. */
function differences(config: string): string[] {
  const [local, production] = [settingsOf(config), settingsOf(config, 'production')]
  return Object.keys(production).filter((name) => !isDeepStrictEqual(production[name], local[name]))
}

describe('wrangler.toml', () => {
  it('says again in production what environments do not inherit', () => {
    expect(differences(CONFIG).toSorted()).toEqual(['placement', 'targetEnvironment', 'vars'])
    const { vars } = settingsOf(CONFIG, 'production')
    expect(Object.keys(vars)).toEqual(expect.arrayContaining(Object.keys(settingsOf(CONFIG).vars)))
    expect(vars).toMatchObject({ ENVIRONMENT: 'production' })
  })

  it.each([
    ['queues.producers', 'queues'],
    ['queues.consumers', 'queues'],
    ['r2_buckets', 'r2_buckets'],
    ['ratelimits', 'ratelimits'],
    ['version_metadata', 'version_metadata'],
    ['secrets', 'secrets'],
  ])('would be found out if production lacked %s', (section, name) => {
    const header = String.raw`^\[+env\.production\.${section.replaceAll('.', String.raw`\.`)}\]+\n`
    const text = readFileSync(CONFIG, 'utf8')
    const without = text.replaceAll(new RegExp(`${header}(?:[^\\[].*\\n|\\n)*`, 'gm'), '')
    expect(without).not.toBe(text)
    const config = join(directory, `${section}.toml`)
    writeFileSync(config, without)
    expect(differences(config)).toContain(name)
  })
})
