import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod'
import { QUOTAS } from '#lib/quotas.ts'

const CONFIG = join(import.meta.dirname, '../../wrangler.toml')
const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-wrangler-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const RateLimits = z.array(
  z.object({ name: z.string(), simple: z.object({ limit: z.number(), period: z.literal(60) }) }),
)
const Settings = z.looseObject({ vars: z.record(z.string(), z.unknown()), ratelimits: RateLimits.default([]) })

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

  it('has the limits that answers name', () => {
    const limits = settingsOf(CONFIG, 'production').ratelimits.map(({ name, simple }) => [name, simple.limit])
    expect(Object.fromEntries(limits)).toEqual({
      ...{ READ_LIMIT: QUOTAS.reads, WRITE_LIMIT: QUOTAS.writes, WEBHOOK_LIMIT: QUOTAS.webhooks },
    })
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
