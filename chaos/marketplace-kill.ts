// Where the Worker is killed while an install begins, is claimed and told, and while it ends.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '#sandbox/yclients/marketplace.ts'
import type { MarketplaceEnv } from './marketplace-env.ts'

const DYING_MS = 400

type Stage = Pick<MarketplaceEnv, 'service' | 'sandbox'>
type Arm = (stage: Stage, kill: () => Promise<void>) => void

/** Held up where it stands on its way to the database, and killed there. */
const onQuery =
  (...parts: readonly string[]): Arm =>
  ({ service }, kill) => {
    service.proxy.switches.onRequest = async (body) => (parts.every((part) => body.includes(part)) ? kill() : undefined)
  }

/** The database has done it, and the answer does not arrive. */
const afterQuery =
  (...parts: readonly string[]): Arm =>
  ({ service }, kill) => {
    let isSent = false
    service.proxy.switches.onRequest = async (body) => {
      if (isSent) return kill()
      isSent = parts.every((part) => body.includes(part))
    }
  }

const onCall =
  (call: Call): Arm =>
  ({ sandbox }, kill) => {
    sandbox.marketplace.beforeAct = async (made) => (made === call ? kill() : undefined)
  }

const onAnswer =
  (call: Call): Arm =>
  ({ sandbox }, kill) => {
    sandbox.marketplace.beforeAnswer = async (made) => (made === call ? kill() : undefined)
  }

const MOVE = 'update marketplace_installs i set state'

export const CONNECTING: Readonly<Record<string, Arm>> = {
  'the marketplace is asked whether it waits': onCall('status'),
  'the claim is on its way to be stored': onQuery('into marketplace_tickets'),
  'the claim is stored and nothing was read yet': afterQuery('into marketplace_tickets'),
  'the integration is on its way to be made': onQuery(String.raw`insert into \"crm_integrations\"`),
  'the integration is made and the install does not know it': afterQuery(String.raw`insert into \"crm_integrations\"`),
  'the marketplace is about to be told': onCall('callback'),
  'the marketplace was told and has not answered': onAnswer('callback'),
  'its answer is on its way to be stored': onQuery(MOVE, '"told"'),
  'its users are asked for': onCall('users'),
  'its users are about to be answered': onAnswer('users'),
  'the user is known and that is on its way to be stored': onQuery(MOVE, '"checked"'),
  'sync is about to be switched on': onQuery('update crm_integrations i set additional_config'),
  'sync is on and the install does not know it': onQuery(MOVE, '"active"'),
  'all is stored and the answer does not arrive': afterQuery(MOVE, '"active"'),
}

export const DELETING: Readonly<Record<string, Arm>> = {
  'the integration is on its way to be deleted': onQuery('delete from crm_integrations i'),
  'the integration is deleted and nobody was told': afterQuery('delete from crm_integrations i'),
  'the marketplace is about to be told of the end': onCall('uninstall'),
  'the marketplace was told of the end and has not answered': onAnswer('uninstall'),
  'the end is on its way to be stored': onQuery(MOVE, '"uninstalled"'),
}

export const DISCONNECTING: Readonly<Record<string, Arm>> = {
  'the event is on its way to be stored': onQuery(MOVE, '"uninstalled"'),
  'the event is stored and not answered': afterQuery(MOVE, '"uninstalled"'),
}

/** Acts until the Worker has died where `arm` says, and starts it again. False: it did not come there. */
export async function killAt(stage: Stage, arm: Arm, act: () => Promise<unknown>): Promise<boolean> {
  const death: { restarted?: Promise<void> } = {}
  arm(stage, async () => {
    death.restarted ??= stage.service.killWorker()
    // What was held up goes on after the process that waits for it has died.
    await sleep(DYING_MS)
  })
  await act()
  Object.assign(stage.service.proxy.switches, { onRequest: null, onStatement: null })
  Object.assign(stage.sandbox.marketplace, { beforeAct: null, beforeAnswer: null })
  await death.restarted
  return death.restarted !== undefined
}
