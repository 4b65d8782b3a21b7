// The parts of an operation. What many of them share is linked to: the page stays small.
import {
  type Content,
  type Header,
  nameOf,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  resolved,
  type Response,
} from './document.ts'
import { type Html, markup } from './html.ts'
import { inline, markdown } from './markdown.ts'
import { entry, properties, typeOf } from './schema.ts'

type Part = Html | ''

export const refusalAnchor = (name: string): string => `refusal-${name}`
export const headerAnchor = (name: string): string => `header-${name.toLowerCase()}`
export const parameterAnchor = (name: string): string => `parameter-${name}`
/** Of the refusals that every operation with a token has. */
export const USUAL_ANCHOR = 'usual-refusals'

export function parameters(document: OpenApiDocument, { parameters: all = [] }: Operation): Part {
  if (all.length === 0) return ''
  const own = all.filter(({ $ref }) => $ref === undefined)
  const links = all.flatMap(({ $ref }) => ($ref === undefined ? [] : [parameterLink(document, $ref)]))
  return markup`<h4>Parameters</h4>${own.length > 0 ? markup`<dl>${own.map((parameter) => parameterPart(parameter))}</dl>` : ''}${
    links.length > 0 ? markup`<p class="t">${listed(links)}</p>` : ''
  }`
}

function parameterLink(document: OpenApiDocument, $ref: string): Html {
  const { name } = resolved<Pick<Parameter, 'name' | '$ref'>>(document, { name: '', $ref })
  return markup`<a href="#${parameterAnchor(nameOf($ref))}">${name}</a>`
}

export function parameterPart(parameter: Parameter, anchor?: string): Html {
  const { name, in: place, required = false, description, schema = {} } = parameter
  const where = `${place}${required && place !== 'path' ? ', required' : ''}: `
  return entry(name, schema, { where, text: description ?? schema.description ?? '', ...(anchor && { anchor }) })
}

function listed(parts: readonly Html[]): readonly Html[] {
  return parts.map((part, index) => markup`${index > 0 ? ', ' : ''}${part}`)
}

export function contentPart(document: OpenApiDocument, { requestBody }: Operation): Part {
  if (!requestBody) return ''
  const { description, content } = resolved(document, requestBody)
  return markup`<h4>Body</h4>${markdown(description)}${mediaParts(content)}`
}

/** The example of a schema with a name stands with that schema. */
function mediaParts(content: Content = {}): readonly Html[] {
  return Object.entries(content).map(([type, { schema = {}, example: own, examples = {} }]) => {
    const [first = {}] = Object.values(examples)
    const isNamed = schema.$ref !== undefined
    return markup`<p class="t">${type}: ${typeOf(schema)}</p>${isNamed ? '' : properties(schema)}${example(own ?? first.value)}`
  })
}

export function example(value: unknown): Part {
  if (value === undefined) return ''
  return markup`<pre>${typeof value === 'string' ? value : JSON.stringify(value, null, 1)}</pre>`
}

/** What nearly all answers have is told once. */
export interface Usual {
  readonly refusals: readonly Refusal[]
  readonly headers: readonly string[]
}

export function usualOf(document: OpenApiDocument): Usual {
  return { refusals: usualRefusals(document), headers: usualHeaders(document) }
}

export function answers(document: OpenApiDocument, operation: Operation, usual: Usual): Html {
  const own = Object.entries(operation.responses).filter(([, { $ref }]) => $ref === undefined)
  const told = needsToken(operation) ? usual.refusals : []
  const others = refusalsOf(operation).filter(({ name }) => !told.some((one) => one.name === name))
  const links = others.map(refusalLink)
  const usualLink = markup`<a href="#${USUAL_ANCHOR}">the usual</a>`
  return markup`<h4>Answers</h4>
<dl>${own.map(([status, response]) => answer(document, { status, response, usual }))}</dl>
<p class="t">Refusals: ${listed(told.length > 0 ? [...links, usualLink] : links)}</p>`
}

interface Refusal {
  readonly status: string
  readonly name: string
}

/** Those that every operation with a token has. */
function usualRefusals({ paths }: OpenApiDocument): readonly Refusal[] {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods).filter(needsToken))
  const [first, ...others] = operations.map(refusalsOf)
  return (first ?? []).filter(({ name }) => others.every((refusals) => refusals.some((one) => one.name === name)))
}

export function needsToken({ security = [] }: Operation): boolean {
  return security.length > 0
}

function refusalsOf({ responses }: Operation): readonly Refusal[] {
  return Object.entries(responses).flatMap(([status, { $ref }]) =>
    $ref === undefined ? [] : [{ status, name: nameOf($ref) }],
  )
}

export function refusalLink({ status, name }: Refusal): Html {
  return markup`${status} <a href="#${refusalAnchor(name)}">${name}</a>`
}

interface Answered {
  readonly status: string
  readonly response: Response
  readonly usual: Usual
}

function answer(document: OpenApiDocument, { status, response, usual }: Answered): Html {
  const { description, content, headers = {} } = response
  const others = Object.entries(headers).filter(([name]) => !usual.headers.includes(name))
  const links = others.map(([name, header]) => headerLink(document, name, header))
  return markup`<dt><code>${status}</code> ${inline(description)}</dt>
<dd>${mediaParts(content)}${links.length > 0 ? markup`<p class="t">Headers: ${listed(links)}</p>` : ''}</dd>`
}

/** Those of every answer that is no refusal. */
function usualHeaders({ paths }: OpenApiDocument): readonly string[] {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const answers = operations
    .flatMap(({ responses }) => Object.values(responses))
    .filter(({ $ref }) => $ref === undefined)
  const [first = [], ...others] = answers.map(({ headers = {} }) => Object.keys(headers))
  return first.filter((name) => others.every((names) => names.includes(name)))
}

function headerLink(document: OpenApiDocument, name: string, header: Header): Html {
  const { $ref } = header
  const { description = '' } = resolved(document, header)
  return $ref === undefined
    ? markup`<code>${name}</code> (${inline(description)})`
    : markup`<a href="#${headerAnchor(nameOf($ref))}">${name}</a>`
}
