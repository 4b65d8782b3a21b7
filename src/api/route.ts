// A route says everything about itself in one place: who may call it, what it takes, what it answers. Authentication,
// validation and the OpenAPI document all come from that, so none can be forgotten.
import type * as z from 'zod'
import type { Context } from '#context.ts'
import type { Principal, Scope } from '#api/auth/verify-token.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
export type Language = 'en' | 'ru'

interface Handled<Params, Query, Body> {
  readonly context: Context
  readonly principal: Principal
  /** The business whose data may be seen; null for an admin, who sees all. */
  readonly tenant: string | null
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly request: Request
  readonly language: Language
}

export interface Answer {
  readonly description: string
  readonly schema?: z.ZodType
  readonly contentType?: string
}

export interface Route {
  readonly method: Method
  /** OpenAPI form: `/v1/integrations/{id}`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly tag: string
  /** `any`: every valid token; `null`: open to everybody. */
  readonly scope: Scope | 'any' | null
  /** Called by CRMs, who keep to their own forms: parameters are no ids, query and body are the handler's to read. */
  readonly isVendorCallback?: boolean
  readonly query: z.ZodObject | null
  readonly body: z.ZodType | null
  /** The content type of a body that is no JSON: the handler reads it from `request` itself. */
  readonly rawBody: string | null
  readonly answers: Readonly<Record<number, Answer>>
  readonly handle: (handled: Handled<Readonly<Record<string, string>>, unknown, unknown>) => Promise<Response>
}

interface Spec<Query extends z.ZodObject, Body extends z.ZodType> extends Omit<
  Route,
  'query' | 'body' | 'rawBody' | 'handle'
> {
  readonly query?: Query
  readonly body?: Body
  readonly rawBody?: string
  readonly handle: (
    handled: Handled<Readonly<Record<string, string>>, z.infer<Query>, z.infer<Body>>,
  ) => Promise<Response>
}

/** Keeps the handler's types tied to its schemas; the app has parsed both before the handler runs. */
export function route<Query extends z.ZodObject, Body extends z.ZodType>(spec: Spec<Query, Body>): Route {
  const { query, body, rawBody, handle } = spec
  return {
    ...spec,
    query: query ?? null,
    body: body ?? null,
    rawBody: rawBody ?? null,
    handle: async (handled) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by these very schemas in api/app.ts
      handle(handled as Handled<Readonly<Record<string, string>>, z.infer<Query>, z.infer<Body>>),
  }
}
