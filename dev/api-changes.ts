// What has changed in the API's document since its last release: what breaks a caller, and what is new.
import { type Json, listOf, misfits, objectOf, type Resolve } from '#dev/api-fit.ts'

interface Operation {
  readonly place: string
  readonly operationId: string
  readonly parameters: ReadonlyMap<string, Json>
  readonly body: Json
  readonly responses: Json
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete'])

function resolverOf(document: Json): Resolve {
  return (reference) =>
    reference
      .split('/')
      .slice(1)
      .reduce((part, key) => objectOf(part[key]), document)
}

function operationsOf(document: Json): ReadonlyMap<string, Operation> {
  const resolve = resolverOf(document)
  const whole = (part: unknown): Json => {
    const { $ref, ...own } = objectOf(part)
    return typeof $ref === 'string' ? resolve($ref) : own
  }
  const all = Object.entries(objectOf(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods))
      .filter(([method]) => METHODS.has(method))
      .map(([method, value]): [string, Operation] => {
        const { operationId, parameters, requestBody, responses } = objectOf(value)
        const place = `${method.toUpperCase()} ${path}`
        const byName = listOf(parameters).map(whole)
        return [
          place,
          {
            ...{ place, operationId: String(operationId), body: whole(requestBody) },
            parameters: new Map(byName.map((one) => [`${String(one['in'])} ${String(one['name'])}`, one])),
            responses: Object.fromEntries(Object.entries(objectOf(responses)).map(([key, one]) => [key, whole(one)])),
          },
        ]
      }),
  )
  return new Map(all)
}

/** Each with its place; empty when whoever works with the released API works with this one. */
export function breakingChanges(released: Json, current: Json): string[] {
  const operations = operationsOf(current)
  const [before, now] = [resolverOf(released), resolverOf(current)]
  const answers = { narrow: now, wide: before, mayGrow: true }
  const problem = { $ref: '#/components/schemas/Problem' }
  const operationChanges = [...operationsOf(released).values()].flatMap((old) => {
    const operation = operations.get(old.place)
    if (!operation) return [`${old.place}: is gone`]
    const { place, operationId } = old
    return [
      ...(operation.operationId === operationId ? [] : [`${place}: is no longer called ${operationId}`]),
      ...changedParameters(old, operation, { narrow: before, wide: now, mayGrow: false }),
      ...changedBody(old, operation, { narrow: before, wide: now, mayGrow: false }),
      ...changedAnswers(old, operation, answers),
    ]
  })
  return [...operationChanges, ...misfits(problem, problem, 'Problem', answers)]
}

type Comparison = Parameters<typeof misfits>[3]

function changedParameters(old: Operation, { parameters }: Operation, comparison: Comparison): string[] {
  const added = [...parameters].filter(([name, { required }]) => required === true && !old.parameters.has(name))
  return [
    ...added.map(([name]) => `${old.place}: needs ${name}`),
    ...[...old.parameters].flatMap(([name, parameter]) => {
      const now = parameters.get(name)
      if (!now) return [`${old.place}: no longer takes ${name}`]
      return [
        ...(now['required'] === true && parameter['required'] !== true ? [`${old.place}: needs ${name}`] : []),
        ...misfits(parameter['schema'], now['schema'], `${old.place} ${name}`, comparison),
      ]
    }),
  ]
}

function changedBody({ place, body: old }: Operation, { body }: Operation, comparison: Comparison): string[] {
  const [before, now] = [objectOf(old['content']), objectOf(body['content'])]
  return [
    ...(body['required'] === true && old['required'] !== true ? [`${place}: needs a body`] : []),
    ...changedContent(before, now, `${place} body`, comparison),
  ]
}

function changedContent(before: Json, now: Json, place: string, comparison: Comparison): string[] {
  return Object.entries(before).flatMap(([type, media]) => {
    if (!(type in now)) return [`${place}: is no longer ${type}`]
    const [own, allowed] = [objectOf(media)['schema'], objectOf(now[type])['schema']]
    const [narrow, wide] = comparison.mayGrow ? [allowed, own] : [own, allowed]
    return misfits(narrow, wide, place, comparison)
  })
}

function changedAnswers(old: Operation, { responses }: Operation, comparison: Comparison): string[] {
  return Object.entries(old.responses).flatMap(([status, response]) => {
    const place = `${old.place} ${status}`
    if (!(status in responses)) return Number(status) < 400 ? [`${place}: is gone`] : []
    const [before, now] = [objectOf(response), objectOf(responses[status])]
    const headers = objectOf(now['headers'])
    const gone = Object.keys(objectOf(before['headers'])).filter((name) => !(name in headers))
    return [
      ...gone.map((name) => `${place}: has no header ${name}`),
      // All problems have one schema.
      ...(Number(status) < 400
        ? changedContent(objectOf(before['content']), objectOf(now['content']), place, comparison)
        : []),
    ]
  })
}

/** Names of what is new: operations, their parameters (`listRuns status`), members of schemas (`Run.task`). */
export function additions(released: Json, current: Json): string[] {
  const operations = operationsOf(released)
  const added = [...operationsOf(current).values()].flatMap(({ place, operationId, parameters }) => {
    const old = operations.get(place)
    if (!old) return [operationId]
    const names = [...parameters].filter(([name]) => !old.parameters.has(name))
    return names.map(([, { name }]) => `${operationId} ${String(name)}`)
  })
  const schemasOf = ({ components }: Json) => Object.entries(objectOf(objectOf(components)['schemas']))
  const known = new Map(schemasOf(released))
  const members = schemasOf(current).flatMap(([id, schema]) => {
    const old = objectOf(objectOf(known.get(id))['properties'])
    if (!known.has(id)) return []
    return Object.keys(objectOf(objectOf(schema)['properties'])).flatMap((name) =>
      name in old ? [] : [`${id}.${name}`],
    )
  })
  return [...added, ...members]
}
