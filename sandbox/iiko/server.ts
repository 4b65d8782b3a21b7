// The restaurant's own iikoServer over the same café: OLAP reports behind a login that takes a licence seat until the
// logout.
import type { Hono } from 'hono'
import * as z from 'zod'
import { addDays } from '#lib/time.ts'
import type { Cafe } from '#sandbox/iiko/cafe.ts'
import { knownColumns, makeReport, refuseQuery, type ReportState } from '#sandbox/iiko/report.ts'

export interface ServerState extends ReportState {
  credentials: { login: string; password: string }
  /** Licence seats, and the sessions that have taken one, with the time they end by themselves. */
  seats: number
  readonly sessions: Map<string, number>
  /** `reports`: the user may not see them; `module`: the licence has none; `restart`: it is just starting. */
  readonly denied: Set<string>
  /** Days of a report that are too much at once. */
  daysMax: number
  logins: number
  /** The form in which the token comes. */
  tokenForm: 'bare' | 'xml' | 'json'
}

const SESSION_MS = 3_600_000

const Values = z.strictObject({ filterType: z.literal('IncludeValues'), values: z.array(z.string()) })
const Period = z.strictObject({
  filterType: z.literal('DateRange'),
  periodType: z.literal('CUSTOM'),
  from: z.iso.date(),
  to: z.iso.date(),
  includeLow: z.boolean().default(true),
  includeHigh: z.boolean().default(false),
})
const Query = z.strictObject({
  reportType: z.literal('SALES'),
  buildSummary: z.literal(false),
  groupByRowFields: z.array(z.string()),
  aggregateFields: z.array(z.string()),
  filters: z.looseObject({ 'OpenDate.Typed': Period }),
})

const text = (status: number, body: string) => new Response(body, { status, headers: { 'content-type': 'text/plain' } })

export function addServer(app: Hono, state: ServerState, cafe: Cafe, zone: string): void {
  app.on(['GET', 'POST'], '/resto/api/auth', async (c) => {
    const { login, pass } = c.req.query()
    if (state.denied.has('restart')) return text(401, 'Unauthorized')
    if (login !== state.credentials.login || pass !== (await sha1(state.credentials.password)))
      return text(401, 'Unauthorized')
    if (state.denied.has('module')) return text(403, 'Module 2000 is blocked within current license')
    for (const [key, until] of state.sessions) if (until <= cafe.now().getTime()) state.sessions.delete(key)
    if (state.sessions.size >= state.seats) {
      return text(403, 'License enhancement is required: no connections available for module 2000')
    }
    const key = crypto.randomUUID()
    state.sessions.set(key, cafe.now().getTime() + SESSION_MS)
    state.logins += 1
    const forms = { bare: `${key}\n`, xml: `<string>${key}</string>`, json: JSON.stringify(key) }
    return text(200, forms[state.tokenForm])
  })
  app.get('/resto/api/logout', (c) => {
    const key = c.req.query('key') ?? ''
    return state.sessions.delete(key) ? text(200, key) : text(401, 'Unauthorized')
  })
  app.use('/resto/api/v2/*', async (c, next) => {
    if (!state.sessions.has(c.req.query('key') ?? '')) return text(401, 'Unauthorized')
    if (state.denied.has('reports')) return text(403, 'Permission denied')
    await next()
    return undefined
  })
  app.get('/resto/api/v2/reports/olap/columns', () => {
    const columns = knownColumns(state).map(([name, isSum]) => [
      name,
      {
        ...{ name, type: isSum ? 'MONEY' : 'STRING', tags: [] },
        ...{ aggregationAllowed: isSum, groupingAllowed: !isSum, filteringAllowed: !isSum },
      },
    ])
    return Response.json(Object.fromEntries(columns))
  })
  app.post('/resto/api/v2/reports/olap', async (c) => {
    const { data, error } = Query.safeParse(await c.req.json())
    if (!data) return text(400, `Bad request: ${error.issues[0]?.path.join('.')}`)
    const { groupByRowFields, aggregateFields, filters } = data
    const { from, to, includeHigh } = filters['OpenDate.Typed']
    const values = Object.entries(filters).flatMap(([name, filter]) => {
      const parsed = Values.safeParse(filter).data
      return parsed ? [[name, new Set(parsed.values)] as const] : []
    })
    const query = {
      ...{ fields: groupByRowFields, sums: aggregateFields, from, values: new Map(values) },
      to: includeHigh ? addDays(to, 1) : to,
    }
    const wrong = refuseQuery(query, state)
    if (wrong !== null) return text(400, wrong)
    if (query.to > addDays(from, state.daysMax)) return new Response('x'.repeat(11 * 1024 * 1024))
    return Response.json({ data: makeReport(cafe, query, { state, zone }), summary: [] })
  })
  app.all('/resto/*', () => text(404, 'Not Found'))
}

async function sha1(password: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(password))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
