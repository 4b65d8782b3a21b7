// The table of what connect sessions may call, against all routes there are.
import { beforeAll, describe, expect, it } from 'vitest'
import { openingOf, scopesOn, SESSION_ROUTES, sessionRouteOf } from '#api/auth/session-routes.ts'
import { ROUTES } from '#api/routes.ts'
import type { Route } from '#api/route.ts'
import { SESSION_PERMISSIONS, type SessionPermission } from '#lib/session-permissions.ts'
import { createSession, type TestSession } from '#test/sessions.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const GUARDED = ROUTES.filter(({ scope }) => scope !== null)
const NEVER = GUARDED.filter(({ method, scope }) => method === 'delete' || scope === 'admin')
const title = (route: Route) => sessionRouteOf(route)

describe('the table', () => {
  it('decides about every route: which sessions may call it, or that none may', () => {
    const undecided = GUARDED.filter((route) => !NEVER.includes(route)).map(title)
    expect(undecided.filter((route) => !(route in SESSION_ROUTES))).toEqual([])
  })

  it('names only routes that there are, and none that removes or needs an admin', () => {
    const known = new Set(GUARDED.filter((route) => !NEVER.includes(route)).map(title))
    expect(Object.keys(SESSION_ROUTES).filter((route) => !known.has(route))).toEqual([])
    expect(NEVER.length).toBeGreaterThan(4)
    for (const route of NEVER) expect(openingOf(route)).toBeNull()
  })

  it('opens no route to a permission that lacks its scope, so that no entry is without effect', () => {
    for (const route of GUARDED) {
      const opening = openingOf(route)
      if (opening === null || route.scope === null || route.scope === 'any') continue
      const permissions = opening === 'any' ? SESSION_PERMISSIONS : [opening]
      for (const permission of permissions) {
        const scopes = scopesOn(opening, [permission])
        if (route.scope !== 'admin') expect(scopes?.has(route.scope), `${title(route)} ${permission}`).toBe(true)
      }
    }
  })
})

describe('a session', () => {
  let salon: Salon
  const sessions = new Map<SessionPermission, TestSession>()
  beforeAll(async () => {
    salon = await createSalonTenant()
    for (const permission of SESSION_PERMISSIONS) {
      sessions.set(permission, await createSession(salon, { permissions: [permission] }))
    }
  })

  it.each(GUARDED.map((route) => ({ name: `${route.method} ${route.path}`, route })))(
    'may call $name with the permissions of the table, and with no others',
    async ({ route }) => {
      const opening = openingOf(route)
      const path = route.path
        .replace(/^\/v1\/businesses\/\{id\}/, `/v1/businesses/${salon.businessId}`)
        .replaceAll(/\{(?:id|\w+Id)\}/g, () => crypto.randomUUID())
        .replaceAll(/\{\w+\}/g, '1')
      for (const [permission, { call }] of sessions) {
        // With a query that no route takes, a route that opens answers 400 or 404 and does nothing.
        const { status, json } = await call(route.method.toUpperCase(), `${path}?surprise=1`, TAKES_BODY(route))
        const isOpen = opening === 'any' || opening === permission
        expect(isOpen ? status !== 403 : status === 403, `${permission}: ${status}`).toBe(true)
        if (!isOpen) expect(json.code).toBe('insufficient_scope')
      }
    },
  )
})

const TAKES_BODY = ({ method }: Route) => (method === 'get' || method === 'delete' ? undefined : { surprise: 1 })
