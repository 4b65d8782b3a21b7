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

export function parameters(document: OpenApiDocument, { parameters: all = [] }: Operation): Part {
  if (all.length === 0) return ''
  const known = all.map((parameter) => parameterPart(resolved(document, parameter)))
  return markup`<h4>Parameters</h4><dl>${known}</dl>`
}

function parameterPart({ name, in: place, required = false, description, schema = {} }: Parameter): Html {
  const where = `${place}${required && place !== 'path' ? ', required' : ''}: `
  return entry(name, schema, { where, text: description ?? schema.description ?? '' })
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

export function answers(document: OpenApiDocument, { responses }: Operation): Html {
  const all = Object.entries(responses)
  const refusals = all.filter(([, { $ref }]) => $ref !== undefined)
  const own = all.filter(([, { $ref }]) => $ref === undefined)
  return markup`<h4>Answers</h4>
<dl>${own.map(([status, response]) => answer(document, status, response))}</dl>
${refusals.length > 0 ? markup`<p class="t">Refusals: ${refusals.map(refusal)}</p>` : ''}`
}

function refusal([status, { $ref = '' }]: readonly [string, Response], index: number): Html {
  const name = nameOf($ref)
  return markup`${index > 0 ? ', ' : ''}${status} <a href="#${refusalAnchor(name)}">${name}</a>`
}

function answer(document: OpenApiDocument, status: string, { description, content, headers = {} }: Response): Html {
  const links = Object.entries(headers).map(([name, header], index) => headerLink(document, { name, header, index }))
  return markup`<dt><code>${status}</code> ${inline(description)}</dt>
<dd>${mediaParts(content)}${links.length > 0 ? markup`<p class="t">Headers: ${links}</p>` : ''}</dd>`
}

interface NamedHeader {
  readonly name: string
  readonly header: Header
  readonly index: number
}

function headerLink(document: OpenApiDocument, { name, header, index }: NamedHeader): Html {
  const { $ref } = header
  const { description = '' } = resolved(document, header)
  return markup`${index > 0 ? ', ' : ''}${
    $ref === undefined
      ? markup`<code>${name}</code> (${inline(description)})`
      : markup`<a href="#${headerAnchor(nameOf($ref))}">${name}</a>`
  }`
}
