// What CONTRIBUTING.md tells an engineer who adds a CRM is true of the CRMs that there are; seventh-crm.test.ts does as
// it says.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CRM_TYPES } from '#lib/crm-types.ts'

const ROOT = join(import.meta.dirname, '../..')
const exists = (path: string) => existsSync(join(ROOT, path))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const [, section = ''] = /^## How to add a CRM\n(.*?)^## /ms.exec(read('CONTRIBUTING.md')) ?? []
const paths = [...section.matchAll(/`([\w./<>-]+(?:\.ts|\/))`/g)].map(([, path = '']) => path)
const parts = paths.filter((path) => path.includes('<type>'))

it('says where the parts of each CRM are', () => {
  expect(parts).toEqual(['src/crm/<type>/', 'sandbox/<type>.ts', 'test/crm/<type>/suite.test.ts'])
  const all = CRM_TYPES.flatMap((type) => parts.map((path) => path.replace('<type>', type)))
  expect(all.filter((path) => !exists(path))).toEqual([])
})

it('names the files that list the CRMs', () => {
  const lists = ['src/lib/crm-types.ts', 'src/crm/registry.ts', 'sandbox/registry.ts']
  expect(paths).toEqual(expect.arrayContaining(lists))
  const missing = lists.flatMap((path) => CRM_TYPES.filter((type) => !read(path).includes(type)))
  expect(missing).toEqual([])
})

it('names the suite that every CRM passes', () => {
  expect(section).toContain('`describeConnector`')
  const without = CRM_TYPES.filter((type) => !read(`test/crm/${type}/suite.test.ts`).includes('describeConnector('))
  expect(without).toEqual([])
})
