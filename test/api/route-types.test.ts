// What does not fit a route's description does not compile: each `@ts-expect-error` fails the type check when it does.
// A field too many does compile, as everywhere in TypeScript; `#test/documented.ts` finds that one in every test.
import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { ANY_TYPE, JsonText } from '#api/reply.ts'
import { type ParamsOf, route, vendorCallback } from '#api/route.ts'

const Sale = z.strictObject({ id: z.string(), amountMinor: z.int(), tags: z.array(z.string()).optional() })
const described = {
  operationId: 'listParts',
  method: 'get',
  path: '/v1/sales/{saleId}/parts/{part}',
  summary: '',
  description: '',
  tag: 'Transactions',
  scope: 'any',
} as const
const answers = {
  200: { description: '', schema: Sale },
  202: { description: '', schema: z.strictObject({ queued: z.literal(true) }) },
  203: { description: '', contentTypes: ['text/csv', 'application/x-ndjson'] },
  204: { description: '' },
} as const
const tagged = { 200: { description: '', schema: Sale, headers: ['etag'] } } as const
const sale = { id: '1', amountMinor: 100 }

it('types the parameters that the path names', () => {
  expectTypeOf<ParamsOf<'/v1/{id}/b/{partId}.csv'>>().toEqualTypeOf<{ readonly id: string; readonly partId: string }>()
  const path = '/v1/sales/{saleId}'
  route({
    ...{ ...described, path: `${path}/parts/{part}`, answers },
    handle: async ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<Readonly<Record<'saleId' | 'part', string>>>()
      // @ts-expect-error -- the path names no `id`
      void params.id
      return { status: 204 }
    },
  })
})

it('types query, headers and body by their schemas', () => {
  route({
    ...{ ...described, method: 'post', answers },
    query: z.strictObject({ limit: z.coerce.number() }),
    headers: z.object({ 'if-match': z.string().optional() }),
    body: Sale,
    handle: async ({ query, headers, body }) => {
      expectTypeOf(query).toEqualTypeOf<{ limit: number }>()
      expectTypeOf(headers).toEqualTypeOf<{ 'if-match'?: string | undefined }>()
      expectTypeOf(body).toEqualTypeOf<z.infer<typeof Sale>>()
      return { status: 204 }
    },
  })
  route({
    ...{ ...described, answers },
    handle: async ({ query, body }) => {
      expectTypeOf(query).toBeNever()
      expectTypeOf(body).toBeNever()
      return { status: 204 }
    },
  })
})

it('takes each documented answer', () => {
  const tags: readonly string[] = ['a']
  route({ ...described, answers, handle: async () => ({ status: 200, body: { ...sale, tags } }) })
  route({ ...described, answers, handle: async () => ({ status: 200, body: new JsonText(sale) }) })
  route({
    ...{ ...described, answers: tagged },
    handle: async () => ({ status: 200, body: new JsonText(sale), headers: { etag: '' } }),
  })
  route({ ...described, answers, handle: async () => ({ status: 202, body: { queued: true } }) })
  route({ ...described, answers, handle: async () => ({ status: 203, contentType: 'text/csv', content: 'a;b' }) })
  route({
    ...{ ...described, answers },
    handle: async () => ({ status: 203, contentType: 'application/x-ndjson', content: new ReadableStream() }),
  })
  route({ ...described, answers, handle: async () => ({ status: 204 }) })
})

it('takes no other answer', () => {
  // @ts-expect-error -- no such status is documented
  route({ ...described, answers, handle: async () => ({ status: 201, body: sale }) })
  // @ts-expect-error -- the body of another status
  route({ ...described, answers, handle: async () => ({ status: 202, body: sale }) })
  // @ts-expect-error -- a field is missing
  route({ ...described, answers, handle: async () => ({ status: 200, body: { id: '1' } }) })
  // @ts-expect-error -- a field has another type
  route({ ...described, answers, handle: async () => ({ status: 200, body: { ...sale, amountMinor: '100' } }) })
  // @ts-expect-error -- serialized, but not what is documented
  route({ ...described, answers, handle: async () => ({ status: 200, body: new JsonText({ id: '1' }) }) })
  // @ts-expect-error -- a body is documented
  route({ ...described, answers, handle: async () => ({ status: 200 }) })
  // @ts-expect-error -- no body is documented
  route({ ...described, answers, handle: async () => ({ status: 204, body: sale }) })
  // @ts-expect-error -- another content type
  route({ ...described, answers, handle: async () => ({ status: 203, contentType: 'text/html', content: '' }) })
  // @ts-expect-error -- a header that is not documented
  route({ ...described, answers, handle: async () => ({ status: 204, headers: { etag: '' } }) })
  // @ts-expect-error -- a documented header is missing
  route({ ...described, answers: tagged, handle: async () => ({ status: 200, body: sale }) })
  // @ts-expect-error -- a Response says nothing of its body
  route({ ...described, answers, handle: async () => Response.json(sale) })
})

it('takes a Response only from a callback that answers in the form of its vendor', () => {
  const anything = { 200: { description: '', contentTypes: [ANY_TYPE] } } as const
  vendorCallback({
    ...{ ...described, answers: anything },
    handle: async ({ params }) => new Response(params.saleId),
  })
  // @ts-expect-error -- its document says more
  vendorCallback({ ...described, answers, handle: async () => new Response() })
  // @ts-expect-error -- nothing of a vendor's request is validated
  vendorCallback({ ...described, answers, handle: async ({ body }) => ({ status: 204, headers: { body } }) })
})
