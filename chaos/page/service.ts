// A service as npm start brings it up, and the links that a product's backend gives to its owners.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { launch, untilEnded, untilReady } from '#chaos/start-env.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { Language } from '#lib/localized.ts'

export interface Service {
  readonly url: string
  readonly adminToken: string
}

export interface StartedService extends Service {
  /** Where a newcomer begins; it is printed. */
  readonly pageUrl: string | null
  readonly sandboxUrl: string | null
  readonly close: () => Promise<void>
}

const State = z.object({
  ...{ url: z.string(), adminToken: z.string(), pageUrl: z.string().nullable(), sandboxUrl: z.string().nullable() },
})
const STOP_MS = 60_000

export async function startService(variables: Readonly<Record<string, string>>): Promise<StartedService> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-page-'))
  // Many connect one sandbox, which has no limit that they share; each keeps its own pace.
  const started = await launch(directory, 'npm', { THROTTLE_WAIT_SCALE: '0.1', ...variables })
  if (!(await untilReady(started))) throw new Error(`no start:\n${started.output()}`)
  const state = State.parse(JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')))
  const close = async () => {
    started.process.kill('SIGTERM')
    await untilEnded(started, STOP_MS)
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...state, close }
}

const Answer = z.record(z.string(), z.unknown())

/** As the product's backend calls it. */
export async function call(service: Service, method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await fetch(service.url + path, init)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text === '' ? {} : Answer.parse(JSON.parse(text))
}

export interface Invitation {
  readonly businessId: string
  readonly url: string
}

interface Invite {
  readonly name: string
  readonly language: Language
  readonly businessId?: string
  readonly crmTypes?: readonly CrmType[]
  readonly permissions?: readonly ('connect' | 'view' | 'import')[]
  /** A link for new credentials. */
  readonly integrationId?: string
}

const Session = z.object({ id: z.string(), url: z.string() })

/** A business and the link for its owner; for a business that is there, a link of its own. */
export async function invite(service: Service, request: Invite): Promise<Invitation> {
  const { name, language, crmTypes, integrationId, permissions = ['connect', 'view', 'import'] } = request
  const businessId = request.businessId ?? crypto.randomUUID()
  const business = { name, timezone: 'Europe/Moscow', currency: 'RUB' }
  if (request.businessId === undefined) await call(service, 'PUT', `/v1/businesses/${businessId}`, business)
  const session = {
    businessId,
    language,
    permissions,
    ...(crmTypes && { crmTypes }),
    ...(integrationId && { integrationId }),
  }
  const { url } = Session.parse(await call(service, 'POST', '/v1/connect-sessions', session))
  return { businessId, url }
}
