// The cloud's own sales reports: the form of iikoServer's with filters as an array and columns as a list. Made by the
// restaurant's server, so that they are as strict, and fail with it.
import type { Hono } from 'hono'
import * as z from 'zod'
import { addDays } from '#lib/time.ts'
import type { Cafe } from '#sandbox/iiko/cafe.ts'
import type { CloudState } from '#sandbox/iiko/cloud.ts'
import { knownColumns, makeReport, refuseQuery, type ReportState } from '#sandbox/iiko/report.ts'

const Report = z.literal('SALES')
const Filter = z.discriminatedUnion('filterType', [
  z.strictObject({ name: z.string(), filterType: z.literal('IncludeValues'), values: z.array(z.string()).min(1) }),
  z.strictObject({
    name: z.literal('OpenDate.Typed'),
    filterType: z.literal('DateRange'),
    periodType: z.literal('CUSTOM'),
    from: z.iso.date(),
    to: z.iso.date(),
    includeLow: z.literal(true).default(true),
    includeHigh: z.boolean().default(false),
  }),
])
const Query = z.strictObject({
  reportType: Report,
  groupByRowFields: z.array(z.string()),
  aggregateFields: z.array(z.string()),
  filters: z.array(Filter),
})

function failure(status: number, message: string): Response {
  return Response.json({ message, details: null }, { status })
}

export function addCloudReports(
  app: Hono,
  state: CloudState,
  { cafe, zone, reports }: { readonly cafe: Cafe; readonly zone: string; readonly reports: ReportState },
): void {
  app.use('/api/reporting/v1/olap/*', async (c, next) => {
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if ((state.tokens.get(token) ?? 0) <= cafe.now().getTime()) return failure(401, 'Unauthorized')
    if (state.denied.has('reports')) return failure(403, 'Access to reports is denied for this API key.')
    if (state.rms === 'failing') return failure(502, 'RMS returned a technical error.')
    if (state.rms === 'silent') return failure(504, 'RMS did not respond in time.')
    await next()
    return undefined
  })
  app.post('/api/reporting/v1/olap/columns/get', async (c) => {
    if (!z.strictObject({ reportType: Report }).safeParse(await c.req.json()).success)
      return failure(400, 'Bad request')
    return Response.json(
      knownColumns(reports).map(([name, isSum]) => ({
        ...{ name, displayName: name, type: isSum ? 'MONEY' : 'STRING', tags: [] },
        ...{ canAggregate: isSum, canGroup: !isSum, canFilter: !isSum },
      })),
    )
  })
  app.post('/api/reporting/v1/olap/get', async (c) => {
    const { data, error } = Query.safeParse(await c.req.json())
    const period = data?.filters.find((filter) => filter.filterType === 'DateRange')
    if (!data || !period) return failure(400, `Bad request: ${error?.issues[0]?.path.join('.') ?? 'no date'}`)
    const query = {
      ...{ fields: data.groupByRowFields, sums: data.aggregateFields, from: period.from },
      to: period.includeHigh ? addDays(period.to, 1) : period.to,
      values: new Map(
        data.filters.flatMap((filter) =>
          filter.filterType === 'IncludeValues' ? [[filter.name, new Set(filter.values)] as const] : [],
        ),
      ),
    }
    const wrong = refuseQuery(query, reports)
    if (wrong !== null) return failure(400, wrong)
    if (query.to > addDays(query.from, state.reportDaysMax)) return failure(504, 'RMS did not respond in time.')
    return Response.json({ data: makeReport(cafe, query, { state: reports, zone }), summary: [] })
  })
}
