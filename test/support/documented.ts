// Holds every answer that a test gets from the app to the API's document: its status, its content type and its body.
import { ANY_TYPE } from '#api/reply.ts'
import type { Route } from '#api/route.ts'
import { ROUTES } from '#api/routes.ts'
import { ProblemDocument } from '#api/shared.ts'

const PATTERNS = ROUTES.map((route) => {
  const path = route.path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')
  return { route, pattern: new RegExp(`^${path}/?$`) }
})

function routeOf({ method, url }: Request): Route | undefined {
  const { pathname } = new URL(url)
  return PATTERNS.find(({ route, pattern }) => route.method.toUpperCase() === method && pattern.test(pathname))?.route
}

/** Throws when the answer is not one that the document has. */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  const route = routeOf(request)
  const type = response.headers.get('content-type')?.split(';')[0] ?? null
  const name = `${request.method} ${route?.path ?? new URL(request.url).pathname}: ${response.status}`
  if (type === 'application/problem+json') {
    const { error, data } = ProblemDocument.safeParse(await response.clone().json())
    if (error) throw new Error(`${name} is not a Problem: ${error.message}`)
    if (data.status !== response.status) throw new Error(`${name} says that it is ${data.status}`)
    return
  }
  // The viewer, the document itself, and OPTIONS.
  if (!route) return
  const { schema, contentTypes } = route.answers[response.status] ?? {}
  if (!route.answers[response.status]) throw new Error(`${name} is not documented`)
  const types: readonly (string | null)[] = contentTypes ?? [schema ? 'application/json' : null]
  if (!types.includes(ANY_TYPE) && !types.includes(type)) throw new Error(`${name} is not documented as ${type}`)
  if (!schema) return
  const { error } = schema.safeParse(await response.clone().json())
  if (error) throw new Error(`${name} does not fit its schema: ${error.message}`)
}
