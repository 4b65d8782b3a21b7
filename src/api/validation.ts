// Validates each part of a request by the schema of its route. A value that does not fit becomes a Problem.
import { zValidator } from '@hono/zod-validator'
import type { Context as HonoContext, MiddlewareHandler, ValidationTargets } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import type { HonoEnv } from '#api/hono-env.ts'
import { type Route, takesJson } from '#api/route.ts'
import { type FieldError, Problem } from '#lib/errors.ts'
import { FIELD_ERRORS, fieldErrors, fieldPath } from '#lib/field-errors.ts'
import { isId } from '#lib/id.ts'
import { findUnstorable } from '#lib/storable.ts'

const JSON_BYTES_MAX = 1_000_000
/** What zValidator takes for JSON; a body of another type it would take for an empty one. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/

type Target = keyof ValidationTargets & ('param' | 'query' | 'header' | 'json')
/** `path`: parameters that are no ids. `format`: a part of a form. */
type Part = Target | 'path' | 'format'
interface Input {
  readonly in: object
  readonly out: Readonly<Record<Target, unknown>>
}
export type Validated = HonoContext<HonoEnv, string, Input>
export type Middleware = MiddlewareHandler<HonoEnv, string, Input>

/** The validators of a route, in the order in which they run. */
export function validators(route: Route): Middleware[] {
  const { path, isVendorCallback, params, query, headers, body } = route
  if (isVendorCallback) return []
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const ids = names.filter((name) => !(name in (params?.shape ?? {})))
  return [
    ...(ids.length > 0 ? [ofPath(z.object(Object.fromEntries(ids.map((name) => [name, Id]))), 'param')] : []),
    ...(params ? [ofPath(params, 'path')] : []),
    ...(query ? [validate('query', query)] : []),
    ...(headers ? [describedHeaders(headers)] : []),
    // A route without a body still refuses one that says something: its sender would believe that it was read.
    ...(takesJson(route) ? [jsonBody(body ?? NOTHING)] : []),
  ]
}

/** Some clients send null where they have nothing to say. */
const NOTHING = z.preprocess((value) => value ?? {}, z.strictObject({}))

const Id = z.string().refine(isId)

/** A wrong id is the id of nothing. Any other wrong value makes a wrong request. */
function ofPath(schema: z.ZodObject, part: 'param' | 'path'): Middleware {
  const parse = parser(part, schema)
  return async (c, next) => {
    const named = Object.entries(c.req.param()).filter(([name]) => name in schema.shape)
    c.req.addValidatedData('param', parse(Object.fromEntries(named)))
    await next()
  }
}

function validate(target: Target, schema: z.ZodType): Middleware {
  const parse = parser(target, schema)
  return zValidator(target, schema, undefined, {
    validationFunction: (_, value) => ({ success: true, data: parse(value) }),
  })
}

/** By name: Hono's own validator of headers copies all of a request's headers, three times over, to validate one. */
function describedHeaders(schema: z.ZodObject): Middleware {
  const names = Object.keys(schema.shape)
  const parse = parser('header', schema)
  return async (c, next) => {
    const present = names.map((name) => [name, c.req.header(name)]).filter(([, value]) => value !== undefined)
    c.req.addValidatedData('header', parse(Object.fromEntries(present)))
    await next()
  }
}

/** The one way from a caller's value to a schema. What it returns throws Problem `not_found` or `invalid_request`. */
export function parser<Schema extends z.ZodType>(target: Part, schema: Schema) {
  const prefix = target === 'json' ? '' : target
  // An id that cannot exist is an id that does not exist.
  const refusal = (errors: readonly FieldError[]) =>
    target === 'param' ? new Problem('not_found') : new Problem('invalid_request', { errors })
  return (value: unknown): z.output<Schema> => {
    const flaw = findUnstorable(value)
    if (flaw) throw refusal([{ ...flaw, path: fieldPath(prefix === '' ? flaw.path : [prefix, ...flaw.path]) }])
    const result = schema.safeParse(value, FIELD_ERRORS)
    if (!result.success) throw refusal(fieldErrors(result.error, prefix === '' ? [] : [prefix]))
    return result.data
  }
}

export const jsonLimit = bodyLimit({
  maxSize: JSON_BYTES_MAX,
  onError: () => {
    throw new Problem('body_too_large', {
      detail: {
        en: `A JSON body may have ${JSON_BYTES_MAX} bytes at most.`,
        ru: `Тело JSON может занимать не более ${JSON_BYTES_MAX} байт.`,
      },
    })
  },
})

/** Throws Problem `body_too_large`, `unsupported_media_type`, `malformed_json` or `invalid_request`. */
function jsonBody(schema: z.ZodType): Middleware {
  const validateJson = validate('json', schema)
  return async (c, next) =>
    jsonLimit(c, async () => {
      await requireJson(c)
      await validateJson(c, next)
    })
}

/** Many clients announce JSON and send nothing, which is an empty object like no body at all. */
async function requireJson(c: Validated): Promise<void> {
  const headers = new Headers(c.req.raw.headers)
  const isJson = JSON_TYPE.test(headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '')
  const isEmpty = isJson ? (await c.req.text()) === '' : (await c.req.arrayBuffer()).byteLength === 0
  if (!isEmpty && !isJson) {
    throw new Problem('unsupported_media_type', {
      detail: { en: 'Send the body as application/json.', ru: 'Отправьте тело как application/json.' },
    })
  }
  if (!isEmpty) return
  headers.delete('content-type')
  c.req.raw = new Request(c.req.url, { method: c.req.method, headers })
}
