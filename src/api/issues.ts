import { route } from '#api/route.ts'
import { listOf, orNotFound } from '#api/shared.ts'
import { ListAllIssues, listAllIssues, ListIssues, listIssues } from '#issues/list.ts'
import { Issue, presentIssue } from '#issues/schema.ts'

const tag = 'Issues'
const answers = { 200: { description: 'A page', schema: listOf(Issue, 'IssueList') } }

const list = route({
  operationId: 'listIssues',
  method: 'get',
  path: '/v1/integrations/{id}/issues',
  tag,
  summary: 'What is wrong with an integration, newest first',
  description: 'With `open=true` only what is not over yet. What is over is kept for 400 days.',
  scope: 'integrations:read',
  query: ListIssues,
  answers,
  handle: async ({ context, tenant, params, query, language }) => {
    const { items, nextCursor } = orNotFound(await listIssues(context, { ...query, integrationId: params.id, tenant }))
    return { status: 200, body: { items: items.map((row) => presentIssue(row, language)), nextCursor } }
  },
})

const listAll = route({
  operationId: 'listAllIssues',
  method: 'get',
  path: '/v1/admin/issues',
  tag,
  summary: 'What is wrong anywhere, newest first',
  description: 'Of all integrations, of whole CRMs, and of endpoints for events.',
  scope: 'admin',
  query: ListAllIssues,
  answers,
  handle: async ({ context, query, language }) => {
    const { items, nextCursor } = await listAllIssues(context, query)
    return { status: 200, body: { items: items.map((row) => presentIssue(row, language)), nextCursor } }
  },
})

export const issueRoutes = [list, listAll]
