import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeAudit } from '#dev/advisories.ts'

const ROOT = join(import.meta.dirname, '../..')

it('names each known advisory in a line, with its package and address', () => {
  const url = 'https://github.com/advisories/GHSA-x'
  const audit = {
    auditReportVersion: 2,
    vulnerabilities: {
      hono: { via: [{ source: 1, title: 'Bodies are read twice', url, severity: 'high', range: '<4.13.20' }] },
      '@hono/zod-validator': { via: ['hono'] },
    },
  }
  expect(describeAudit(JSON.stringify(audit), 'here')).toEqual([
    `advisory, here: high, hono <4.13.20: Bodies are read twice ${url}`,
  ])
  expect(describeAudit('{"vulnerabilities":{}}', 'here')).toEqual(['advisories, here: none'])
})

it('says so where the registry does not tell, and fails for nothing', () => {
  const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:9/' }
  const { status, stdout } = spawnSync(process.execPath, ['dev/advisories.ts'], { cwd: ROOT, env, encoding: 'utf8' })
  expect([status, stdout.trim().split('\n')]).toEqual([
    0,
    [
      'advisories, in the Worker: not known, the registry did not tell',
      'advisories, with the tools: not known, the registry did not tell',
    ],
  ])
})
