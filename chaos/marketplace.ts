// Installs from a marketplace while the Worker is killed at every step of install, claim, callback and uninstall. In
// the end both sides agree: a branch that the marketplace calls active is active here, of one business and syncing, and
// one that ended on either side has ended on both.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { claim, click, createBusiness, type MarketplaceEnv, openMarketplaceEnv } from './marketplace-env.ts'
import { CONNECTING, DELETING, DISCONNECTING, killAt } from './marketplace-kill.ts'

interface MarketplaceSize {
  /** Times that each step is killed. */
  readonly rounds: number
  /** Of the steps, so many from the first; all when it is more than there are. */
  readonly steps: number
}

interface MarketplaceReport {
  readonly kills: number
  readonly seconds: number
  readonly wrong: {
    stepsNotReached: number
    notConnected: number
    connectedTwice: number
    notEnded: number
    disagreements: number
  }
}

const AGREED_MS = 60_000
const NIGHT = encodeURIComponent('17 3 * * *')

export async function proveMarketplace(
  open: OpenDatabase,
  { rounds, steps }: MarketplaceSize,
): Promise<MarketplaceReport> {
  const startedAt = Date.now()
  const of = (arms: typeof CONNECTING) => Object.entries(arms).slice(0, steps)
  const [connecting, deleting, disconnecting] = [of(CONNECTING), of(DELETING), of(DISCONNECTING)]
  const wrong = { stepsNotReached: 0, notConnected: 0, connectedTwice: 0, notEnded: 0, disagreements: 0 }
  const env = await openMarketplaceEnv(open, rounds * connecting.length)
  const branchIds = [...env.branchIds]
  let kills = 0
  const note = (name: string, isKilled: boolean) => {
    kills += isKilled ? 1 : 0
    if (!isKilled) wrong.stepsNotReached += 1
    console.log(`marketplace: ${isKilled ? 'killed while' : 'NOT REACHED:'} ${name}`)
  }
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [n, [name, arm]] of connecting.entries()) {
        const branchId = branchIds.shift() ?? ''
        const businessId = await createBusiness(env)
        const ticket = await click(env, [branchId])
        note(name, await killAt(env, arm, async () => claim(env, { businessId, ticket })))
        // As a page does whose request was cut off; a ticket that was used up says that it was done.
        await claim(env, { businessId, ticket })
        if (!(await agree(env, branchId, 'active'))) wrong.notConnected += 1
        const integrations = await integrationsOf(env, businessId)
        if (integrations.length !== 1 || integrations[0]?.sync_enabled !== true) wrong.connectedTwice += 1
        // Each ends in one of the ways that are left, killed at the next of its steps.
        const [ending, end] = [...deleting, ...disconnecting][n % (deleting.length + disconnecting.length)] ?? []
        if (!ending || !end) throw new Error('no way to end')
        const isEvent = ending in DISCONNECTING
        const act = isEvent ? async () => disconnect(env, branchId) : async () => remove(env, integrations[0]?.id ?? '')
        note(ending, await killAt(env, end, act))
        if (!isEvent) await remove(env, integrations[0]?.id ?? '')
        if (!(await agree(env, branchId, 'uninstalled'))) wrong.notEnded += 1
      }
    }
    wrong.disagreements = await disagreements(env)
    return { kills, seconds: Math.round((Date.now() - startedAt) / 1000), wrong }
  } finally {
    await env.close()
  }
}

async function integrationsOf({ service }: MarketplaceEnv, businessId: string) {
  return service.query<{ id: string; sync_enabled: boolean }>(
    `select id, sync_enabled from crm_integrations where business_id = '${businessId}'`,
  )
}

/** The vendor tells it once; what is lost the nightly comparison finds. */
async function disconnect({ sandbox, service }: MarketplaceEnv, branchId: string): Promise<void> {
  const deadline = Date.now() + 10_000
  sandbox.marketplace.disconnect(branchId)
  while (Date.now() < deadline) {
    const [row] = await service.query(
      `select from marketplace_installs where branch_id = '${branchId}' and state = 'uninstalled'`,
    )
    if (row) return
    await sleep(100)
  }
}

async function remove({ service }: MarketplaceEnv, integrationId: string): Promise<void> {
  try {
    await service.call('DELETE', `/v1/integrations/${integrationId}`)
  } catch {
    // It has no body, or the Worker died.
  }
}

/** Waits are cut short, and two nights pass while one side does not know of the other's end. */
async function agree(env: MarketplaceEnv, branchId: string, state: 'active' | 'uninstalled'): Promise<boolean> {
  const { service, sandbox } = env
  const deadline = Date.now() + AGREED_MS
  for (let nights = 0; Date.now() < deadline; nights += 1) {
    const [row] = await service.query<{ state: string; next_step_at: string | null }>(
      `select state, next_step_at from marketplace_installs where branch_id = '${branchId}'`,
    )
    const theirs = sandbox.marketplace.installations.get(branchId)?.status
    if (row?.state === state && row.next_step_at === null && theirs === state) return true
    await service.query(
      `update marketplace_installs set next_step_at = now() where next_step_at is not null and branch_id = '${branchId}'`,
    )
    const isMissed = state === 'uninstalled' && row?.state === 'active' && theirs === 'uninstalled'
    if (isMissed && nights > 2) {
      await service.query('update marketplace_installs set missing_on = missing_on - 1')
      await fetch(`${service.url}/cdn-cgi/local/scheduled?cron=${NIGHT}`)
    }
    await sleep(1000)
  }
  return false
}

/** Of all branches, those of the chain included. */
async function disagreements({ service, sandbox }: MarketplaceEnv): Promise<number> {
  const rows = await service.query<{ branch_id: string; state: string; sync_enabled: boolean | null }>(`
    select m.branch_id, m.state, i.sync_enabled from marketplace_installs m
    left join crm_integrations i on i.id = m.integration_id`)
  const known = new Map(rows.map((row) => [row.branch_id, row]))
  return [...sandbox.marketplace.installations].filter(([branchId, { status }]) => {
    const row = known.get(branchId)
    return status === 'active' ? row?.state !== 'active' || row.sync_enabled !== true : row?.state !== 'uninstalled'
  }).length
}
