import { openingOf } from '#api/auth/session-routes.ts'
import { type Answer, ANY_TYPE } from '#api/reply.ts'
import { type Route, takesJson } from '#api/route.ts'
import { exampleReference, TEXTS } from '#api/openapi/examples.ts'
import { headersOf } from '#api/openapi/headers.ts'
import { parameters } from '#api/openapi/parameters.ts'
import { type Documented, nameOfProblems, problemComponent, problemResponses } from '#api/openapi/problems.ts'
import { type Json, nameOf, reference } from '#api/openapi/schemas.ts'

export function operation(route: Route): Json {
  const { tag, summary, operationId, scope } = route
  return {
    ...{ tags: [tag], summary, description: descriptionOf(route), operationId, parameters: parameters(route) },
    ...requestBody(route),
    responses: responses(route),
    security: scope === null ? [] : [{ accessToken: [] }],
  }
}

/** With the scope: at `security` only those of OAuth flows may stand. */
function descriptionOf(route: Route): string {
  const { description, scope } = route
  if (scope === null) return description
  const needs = scope === 'any' ? 'Every valid token will do.' : `Needs the scope \`${scope}\`.`
  return `${description}\n\n${needs}${ofSessions(route)}`
}

function ofSessions(route: Route): string {
  const opening = openingOf(route)
  if (opening === null) return ''
  return opening === 'any' ? ' Open to connect sessions.' : ` Open to connect sessions with \`${opening}\`.`
}

function requestBody(route: Route): Json {
  const { body, rawBody, operationId } = route
  if (rawBody !== null) {
    const contents = Object.entries(rawBody).map(([type, schema]): [string, Json] => {
      return [type, { schema, ...textOf(operationId, type) }]
    })
    return { requestBody: { required: true, content: Object.fromEntries(contents) } }
  }
  return body && takesJson(route) ? { requestBody: { required: true, content: json(body, route.bodyTypes) } } : {}
}

function json(schema: NonNullable<Answer['schema']>, types: readonly string[] = ['application/json']): Json {
  const id = nameOf(schema)
  const content = { schema: { $ref: reference(id) }, ...exampleReference(id) }
  return Object.fromEntries(types.map((type) => [type, content]))
}

function responses(route: Route): Json {
  const problems = problemResponses(route)
  const own = Object.entries(route.answers).map(([status, answer]) => {
    const codes = problems.get(Number(status))
    const response = answerOf(route, answer)
    return [status, codes ? joined(response, problemComponent(codes)) : response] as const
  })
  const others = [...problems].filter(([status]) => !(status in route.answers))
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(
      others.map(([status, codes]) => [status, { $ref: `#/components/responses/${nameOfProblems(codes)}` }]),
    ),
  }
}

/** A problem with the status of an answer: the content has both types. */
function joined(answer: Documented, problem: Documented): Documented {
  return {
    description: `${answer.description}. ${problem.description}`,
    headers: { ...problem.headers, ...answer.headers },
    content: { ...problem.content, ...answer.content },
  }
}

function answerOf(
  { operationId, takesIdempotencyKey }: Route,
  { description, schema, contentTypes, items, headers = [] }: Answer,
): Documented {
  const text = { type: 'string', ...(items && { contentSchema: { $ref: reference(nameOf(items)) } }) }
  const contents = contentTypes?.map((type) => {
    // A vendor's form may be anything.
    return [type, type === ANY_TYPE ? { schema: {} } : { schema: text, ...textOf(operationId, type) }] as const
  })
  return {
    description,
    headers: headersOf(headers, takesIdempotencyKey ? ['idempotency-replayed'] : []),
    ...((schema ?? contents) && { content: { ...(schema && json(schema)), ...Object.fromEntries(contents ?? []) } }),
  }
}

function textOf(operationId: string, type: string): Json {
  const example = TEXTS[operationId]?.[type]
  return example === undefined ? {} : { example }
}
