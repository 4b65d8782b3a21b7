// A route is described once, as data: who may call it, what it takes, what it answers. Authentication, validation, the
// OpenAPI document and the types of its handler all come from that description, so none can be forgotten.
import type * as z from 'zod'
import type { Context } from '#context.ts'
import type { Principal } from '#api/auth/verify-token.ts'
import type { ProblemCode } from '#lib/errors.ts'
import type { Language } from '#lib/localized.ts'
import type { Quota } from '#lib/quotas.ts'
import type { Scope } from '#lib/scopes.ts'
import type { Answers, Reply, ReplyOf } from '#api/reply.ts'
import type { Tag } from '#api/openapi/tags.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never

/** The parameters that a path names: `{ id: string }` of `/v1/integrations/{id}`. */
export type ParamsOf<Path extends string> = Readonly<Record<ParamName<Path>, string>>

interface Handled<Params, Query, Headers, Body> {
  readonly context: Context
  readonly principal: Principal
  /** The business whose data may be seen; null for an admin, who sees all. */
  readonly tenant: string | null
  readonly params: Params
  readonly query: Query
  readonly headers: Headers
  readonly body: Body
  readonly request: Request
  readonly language: Language
}

type AnyHandled = Handled<Readonly<Record<string, string>>, unknown, unknown, unknown>

interface Description {
  /** The name of the operation in the document, and of the method in clients that are made from it. */
  readonly operationId: string
  readonly method: Method
  /** OpenAPI form: `/v1/integrations/{id}`. Parameters are ids, except those in `params` and of a vendor callback. */
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly tag: Tag
  /** `any`: every valid token; `null`: no token is needed. */
  readonly scope: Scope | 'any' | null
  readonly answers: Answers
  /** What it refuses with, beyond what its scope, parameters and body imply: see api/openapi/problems.ts. */
  readonly problems?: readonly ProblemCode[]
  /** What a call counts as; by default a GET is a read and all else a write. */
  readonly quota?: Quota
  /** It creates or starts something: a caller may send an `Idempotency-Key` and repeat it safely. */
  readonly takesIdempotencyKey?: true
}

/** A body that is not JSON, or not only: the handler reads it from `request`. By content type, as JSON Schema. */
export type RawBody = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Route extends Description {
  /** Called by CRMs in their own forms: the handler reads the whole request itself. */
  readonly isVendorCallback: boolean
  readonly params: z.ZodObject | null
  readonly query: z.ZodObject | null
  readonly headers: z.ZodObject | null
  readonly body: z.ZodType | null
  readonly bodyTypes: readonly string[]
  readonly rawBody: RawBody | null
  readonly handle: (handled: AnyHandled) => Promise<Reply>
}

/** A POST without a body takes `{}`. */
export function takesJson({ method, isVendorCallback, rawBody }: Route): boolean {
  return !isVendorCallback && method !== 'get' && method !== 'delete' && rawBody === null
}

interface Spec<
  Path extends string,
  Query extends z.ZodObject,
  Headers extends z.ZodObject,
  Body extends z.ZodType,
  Documented extends Answers,
> extends Description {
  readonly path: Path
  /** The parameters of the path that are not ids. */
  readonly params?: z.ZodObject
  readonly query?: Query
  /** The headers that the handler reads, in lower case. */
  readonly headers?: Headers
  readonly body?: Body
  /** The content types of `body`; only JSON when left out. */
  readonly bodyTypes?: readonly string[]
  readonly rawBody?: RawBody
  readonly answers: Documented
  readonly handle: (
    handled: Handled<ParamsOf<Path>, z.infer<Query>, z.infer<Headers>, z.infer<Body>>,
  ) => Promise<ReplyOf<Documented>>
}

export function route<
  const Path extends string,
  const Documented extends Answers,
  Query extends z.ZodObject = never,
  Headers extends z.ZodObject = never,
  Body extends z.ZodType = never,
>(spec: Spec<Path, Query, Headers, Body, Documented>): Route {
  const { params = null, query = null, headers = null, body = null, rawBody = null, handle, ...description } = spec
  return {
    ...description,
    ...{
      isVendorCallback: false,
      params,
      query,
      headers,
      body,
      bodyTypes: spec.bodyTypes ?? ['application/json'],
      rawBody,
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- api/validation.ts validates with these schemas
    handle: handle as Route['handle'],
  }
}

interface VendorSpec<Path extends string, Documented extends Answers> extends Description {
  readonly path: Path
  /** Only documents what the vendor sends. */
  readonly query?: z.ZodObject
  readonly answers: Documented
  readonly handle: (
    handled: Pick<AnyHandled, 'context' | 'request' | 'language'> & { readonly params: ParamsOf<Path> },
  ) => Promise<ReplyOf<Documented>>
}

/** Nothing of the request is validated: a vendor's forms are its own, and what it adds must not be refused. */
export function vendorCallback<const Path extends string, const Documented extends Answers>(
  spec: VendorSpec<Path, Documented>,
): Route {
  const { query = null, handle, ...description } = spec
  return {
    ...description,
    ...{ isVendorCallback: true, params: null, query, headers: null, body: null, bodyTypes: [], rawBody: null },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the router gives the parameters of the path
    handle: handle as Route['handle'],
  }
}
