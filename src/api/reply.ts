// What a handler may return: one of the answers that its route documents, so that no document is wrong.
import type * as z from 'zod'
import type { HeaderName } from '#api/openapi/headers.ts'

export const ANY_TYPE = '*/*'

export interface Answer {
  readonly description: string
  /** Of a JSON body. Only the document reads it: a large one is `z.lazy`, so that a start does not build it. */
  readonly schema?: z.ZodType
  /** The types of any other body, also beside JSON. With ANY_TYPE the handler returns a Response in a vendor's form. */
  readonly contentTypes?: readonly string[]
  /** Of each line or event of a text. */
  readonly items?: z.ZodType
  /** What it has beside the headers of every answer. The reply has to bring exactly these. */
  readonly headers?: readonly HeaderName[]
}

export type Answers = Readonly<Record<number, Answer>>

/** A JSON body that is serialized already, for example because its entity tag was needed. */
export class JsonText<Value> {
  readonly value: Value
  readonly text: string

  constructor(value: Value) {
    this.value = value
    this.text = JSON.stringify(value)
  }
}

type ReplyHead<Status, Name extends string> = { readonly status: Status } & ([Name] extends [never]
  ? { readonly headers?: never }
  : { readonly headers: Readonly<Record<Name, string>> })

export type JsonReply<Status, Body, Name extends HeaderName = never> = ReplyHead<Status, Name> & {
  readonly body: Body | JsonText<Body>
}

export type ContentReply<Status, Type, Name extends HeaderName = never> = ReplyHead<Status, Name> & {
  readonly contentType: Type
  readonly content: string | ReadableStream<Uint8Array>
}

type EmptyReply<Status, Name extends HeaderName> = ReplyHead<Status, Name> & {
  readonly body?: never
  readonly content?: never
}

/** A body is only read, so its lists may be readonly. */
type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T

type NameIn<Documented> = Documented extends { readonly headers: readonly (infer Name extends HeaderName)[] }
  ? Name
  : never

type ReplyWith<Status, Documented> = Documented extends { readonly schema: infer Schema extends z.ZodType }
  ? JsonReply<Status, Immutable<z.input<Schema>>, NameIn<Documented>> | ContentOf<Status, Documented, never>
  : ContentOf<Status, Documented, EmptyReply<Status, NameIn<Documented>>>

type ContentOf<Status, Documented, None> = Documented extends { readonly contentTypes: readonly (infer Type)[] }
  ? typeof ANY_TYPE extends Type
    ? Response
    : ContentReply<Status, Type, NameIn<Documented>>
  : None

/** A status of the document, with the body that it has there. */
export type ReplyOf<Documented extends Answers> = {
  [Status in keyof Documented]: ReplyWith<Status, Documented[Status]>
}[keyof Documented]

interface AnyReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A reply of any route. */
export type Reply =
  | (AnyReply & { readonly body?: unknown })
  | (AnyReply & Pick<ContentReply<number, string>, 'contentType' | 'content'>)
  | Response

export function toResponse(reply: Reply): Response {
  if (reply instanceof Response) return reply
  const { status, headers } = reply
  if ('contentType' in reply) {
    const { content, contentType } = reply
    return new Response(content, { status, headers: { ...headers, 'content-type': withCharset(contentType) } })
  }
  const { body } = reply
  if (body === undefined) return new Response(null, { status, headers: { ...headers } })
  const text = body instanceof JsonText ? body.text : JSON.stringify(body)
  return new Response(text, { status, headers: { ...headers, 'content-type': 'application/json' } })
}

function withCharset(contentType: string): string {
  return contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType
}
