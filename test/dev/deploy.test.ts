// The order of a deployment: nothing gets traffic before it has said that it is ready.
import { describe, expect, it } from 'vitest'
import { deploy, DeployError, type Platform } from '#dev/deploy.ts'

const TARGET = { worker: 'crm-integrations', url: 'https://crm.example.com' }
const CHECKS = { configuration: 'ok', database: 'ok', schema: 'ok', queue: 'ok' }

interface World {
  readonly pending?: number
  /** What `/readyz` says, by the version whose traffic it is. */
  readonly ready?: (isNamed: boolean) => object
}

/** A platform that has `old` deployed and uploads `new`, and what was done to it. */
function platform({ pending = 0, ready = () => ({ version: 'new' }) }: World = {}) {
  const done: string[] = []
  const world: Platform = {
    pending: async () => pending,
    wrangler: (args) => {
      done.push(args.join(' '))
      return JSON.stringify({ versions: [{ version_id: 'old', percentage: 100 }] })
    },
    upload: () => {
      done.push('upload')
      return 'new'
    },
    fetch: async (_url, headers) => {
      const named = headers['cloudflare-workers-version-overrides']
      done.push(named === undefined ? 'look' : `look at ${named}`)
      return Response.json({ status: 'ok', checks: CHECKS, ...ready(named !== undefined) })
    },
    pause: async () => undefined,
    say: () => undefined,
  }
  return { world, done: () => done.filter((one, n) => one !== done[n - 1]) }
}

const UP_TO_THE_TRIAL = [
  ...['deployments status --json', 'upload', 'versions deploy old@100% new@0% --yes'],
  'look at crm-integrations="new"',
]

describe('a deployment', () => {
  it('tries the new version beside the old one before it gets the traffic', async () => {
    const { world, done } = platform()
    await deploy(world, TARGET)
    expect(done()).toEqual([...UP_TO_THE_TRIAL, 'versions deploy new@100% --yes', 'triggers deploy', 'look'])
  })

  it('uploads nothing while the database lacks migrations', async () => {
    const { world, done } = platform({ pending: 2 })
    await expect(deploy(world, TARGET)).rejects.toThrow(/lacks 2 migrations/)
    expect(done()).toEqual([])
  })

  it.each([
    ['lacks something', { version: 'new', checks: { ...CHECKS, schema: 'failed' } }, /failed: schema/],
    ['is not the one that answers', { version: 'old' }, /version old answered/],
  ])('gives no traffic to a version that %s', async (_what, answer, why) => {
    const { world, done } = platform({ ready: () => answer })
    await expect(deploy(world, TARGET)).rejects.toThrow(why)
    expect(done()).toEqual([...UP_TO_THE_TRIAL, 'versions deploy old@100% --yes'])
  })

  it('goes back when the new version fails with the traffic', async () => {
    const { world, done } = platform({ ready: (isNamed) => (isNamed ? { version: 'new' } : { version: 'neither' }) })
    await expect(deploy(world, TARGET)).rejects.toBeInstanceOf(DeployError)
    expect(done().slice(-2)).toEqual(['look', 'versions deploy old@100% --yes'])
  })
})
