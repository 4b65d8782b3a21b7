// The parts of an OpenAPI 3.1 document that the viewer shows.

export interface Ref {
  readonly $ref?: string
}

export interface Schema extends Ref {
  readonly [keyword: string]: unknown
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
  readonly enum?: readonly unknown[]
}

export interface Parameter extends Ref {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Media {
  readonly schema?: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, Ref & { readonly value?: unknown }>>
}

export type Content = Readonly<Record<string, Media>>

export interface Header extends Ref {
  readonly description?: string
  readonly schema?: Schema
}

export interface Response extends Ref {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Content
}

export interface Operation {
  readonly tags?: readonly string[]
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Ref & { readonly description?: string; readonly content?: Content }
  readonly responses: Readonly<Record<string, Response>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses?: Readonly<Record<string, Response>>
    readonly headers?: Readonly<Record<string, Header>>
    readonly parameters?: Readonly<Record<string, Parameter>>
    readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>
    readonly [kind: string]: Readonly<Record<string, unknown>> | undefined
  }
}

/** The last part of `#/components/schemas/Run`. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** What a reference to `#/components/<kind>/<name>` stands for; anything else as it is. */
export function resolved<Part extends Ref>(document: OpenApiDocument, part: Part): Part {
  if (part.$ref === undefined) return part
  const [, , kind = '', name = ''] = part.$ref.split('/')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a reference leads to a part of its own kind
  return document.components[kind]?.[name] as Part
}
