// What a handler may return: one of the answers that its route documents, so that no document is wrong.
import type * as z from 'zod'

export const ANY_TYPE = '*/*'

export interface Answer {
  readonly description: string
  /** Of a JSON body. */
  readonly schema?: z.ZodType
  /** The type of any other body. With ANY_TYPE the handler returns a Response itself, in a vendor's form. */
  readonly contentTypes?: readonly string[]
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

interface ReplyHead<Status> {
  readonly status: Status
  readonly headers?: Readonly<Record<string, string>>
}

export interface JsonReply<Status, Body> extends ReplyHead<Status> {
  readonly body: Body | JsonText<Body>
}

export interface ContentReply<Status, Type> extends ReplyHead<Status> {
  readonly contentType: Type
  readonly content: string | ReadableStream<Uint8Array>
}

export interface EmptyReply<Status> extends ReplyHead<Status> {
  readonly body?: never
  readonly content?: never
}

/** A body is only read, so its lists may be readonly. */
type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T

type ReplyWith<Status, Documented> = Documented extends { readonly schema: infer Schema extends z.ZodType }
  ? JsonReply<Status, Immutable<z.input<Schema>>>
  : Documented extends { readonly contentTypes: readonly (infer Type)[] }
    ? typeof ANY_TYPE extends Type
      ? Response
      : ContentReply<Status, Type>
    : EmptyReply<Status>

/** A status of the document, with the body that it has there. */
export type ReplyOf<Documented extends Answers> = {
  [Status in keyof Documented]: ReplyWith<Status, Documented[Status]>
}[keyof Documented]

/** A reply of any route. */
export type Reply = JsonReply<number, unknown> | ContentReply<number, string> | EmptyReply<number> | Response

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
