// The document as pages without scripts: what is hidden opens without them, so a policy can forbid them all.
import { nameOf, type OpenApiDocument, type Operation } from './document.ts'
import { type Html, markup } from './html.ts'
import { inline, markdown } from './markdown.ts'
import {
  answers,
  contentPart,
  example,
  headerAnchor,
  needsToken,
  parameterAnchor,
  parameterPart,
  parameters,
  refusalAnchor,
  refusalLink,
  USUAL_ANCHOR,
  type Usual,
  usualOf,
} from './operation.ts'
import { entry, properties, SCHEMAS_PATH, schemaLink, typeOf } from './schema.ts'

interface Named {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

interface Section {
  readonly tag: string
  readonly description: string | undefined
  readonly operations: readonly Named[]
}

/** All operations, and what several of them share. */
export async function renderPage(document: OpenApiDocument): Promise<string> {
  const { title, description } = document.info
  const sections = sectionsOf(document)
  const usual = usualOf(document)
  const shared = [sharedParameters, sharedRefusals, sharedHeaders].map((part) => part(document, usual))
  const names = [...sections.map(({ tag }) => tag), 'parameters', 'refusals', 'headers']
  return frame({
    title: `${title} API`,
    head: markup`${markdown(description)}
<p>The same as OpenAPI 3.1, for generators: <a href="/openapi.json">openapi.json</a></p>`,
    links: [...names.map((name) => ({ name, href: `#${anchorOf(name)}` })), { name: 'schemas', href: SCHEMAS_PATH }],
    main: [sections.map((section) => operationsSection(document, section, usual)), shared],
  })
}

/** A page of their own: with them the other would weigh twice as much. */
export async function renderSchemas(document: OpenApiDocument): Promise<string> {
  const links = [{ name: 'operations', href: '/docs' }]
  return frame({
    ...{ title: `${document.info.title} API: schemas`, head: '', links },
    main: [sharedSchemas(document)],
  })
}

interface Frame {
  readonly title: string
  readonly head: Html | ''
  readonly links: readonly { readonly name: string; readonly href: string }[]
  readonly main: readonly unknown[]
}

async function frame({ title, head, links, main }: Frame): Promise<string> {
  return String(
    await markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/docs/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<header>
<h1>${title}</h1>
${head}
</header>
<nav aria-label="Contents">
<ul>${links.map(({ name, href }) => markup`<li><a href="${href}">${capitalized(name)}</a></li>`)}</ul>
</nav>
<main>
${main}
</main>
</body>
</html>
`,
  )
}

function sectionsOf({ paths, tags = [] }: OpenApiDocument): readonly Section[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Named => ({ method, path, operation })),
  )
  const described = new Map(tags.map(({ name, description }) => [name, description]))
  const names = new Set([...described.keys(), ...operations.map(({ operation }) => tagOf(operation))])
  return [...names].map((tag) => ({
    tag,
    description: described.get(tag),
    operations: operations.filter(({ operation }) => tagOf(operation) === tag),
  }))
}

function section(name: string, content: unknown): Html {
  const anchor = anchorOf(name)
  return markup`<section aria-labelledby="${anchor}"><h2 id="${anchor}">${capitalized(name)}</h2>${content}</section>
`
}

function operationsSection(document: OpenApiDocument, { tag, description, operations }: Section, usual: Usual): Html {
  return section(tag, [markdown(description), operations.map((named) => operationPart(document, named, usual))])
}

/** The anchor is within: a browser opens what hides the target of a link. */
function operationPart(document: OpenApiDocument, { method, path, operation }: Named, usual: Usual): Html {
  const { operationId, summary = '', description } = operation
  return markup`<details>
<summary><h3><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></h3> ${summary}</summary>
<div id="${operationId}">${markdown(description)}
<p class="t"><code>${operationId}</code> ${needsToken(operation) ? '' : 'Needs no token.'}</p>
${parameters(document, operation)}${contentPart(document, operation)}${answers(document, operation, usual)}</div>
</details>
`
}

function sharedParameters({ components: { parameters: all = {} } }: OpenApiDocument): Html {
  const parts = Object.entries(all).map(([name, parameter]) => parameterPart(parameter, parameterAnchor(name)))
  return section('parameters', markup`<dl>${parts}</dl>`)
}

function sharedSchemas({ components: { schemas, examples = {} } }: OpenApiDocument): Html {
  const parts = Object.entries(schemas).map(
    ([name, schema]) => markup`<details>
<summary><h3><code>${name}</code></h3></summary>
<div id="${name}">${markdown(schema.description)}<p class="t">${typeOf(schema)}</p>
${properties(schema)}${example(examples[name]?.value)}</div>
</details>
`,
  )
  return section('schemas', parts)
}

function sharedRefusals(document: OpenApiDocument, { refusals }: Usual): Html {
  const { responses = {} } = document.components
  const usual = refusals.map((refusal, index) => [index > 0 ? ', ' : '', refusalLink(refusal)])
  const parts = Object.entries(responses).map(
    ([name, { description }]) =>
      markup`<dt id="${refusalAnchor(name)}">${name}</dt><dd>${inline(description)}</dd>
`,
  )
  const about = markup`<p>Each is a ${schemaLink('Problem')}.</p>
<p id="${USUAL_ANCHOR}">Usual, of every operation with a token: ${usual}.</p>`
  return section('refusals', markup`${about}<dl>${parts}</dl>`)
}

function sharedHeaders(document: OpenApiDocument, { headers: names }: Usual): Html {
  const { headers = {} } = document.components
  const usual = names.map((name, index) => markup`${index > 0 ? ', ' : ''}<code>${name}</code>`)
  const parts = Object.entries(headers).map(([name, { description = '', schema = {} }]) =>
    entry(name, schema, { where: '', text: description, anchor: headerAnchor(nameOf(name)) }),
  )
  return section('headers', markup`<p>Every answer has ${usual}.</p><dl>${parts}</dl>`)
}

const tagOf = ({ tags = [] }: Operation): string => tags[0] ?? 'other'
const anchorOf = (name: string): string => `tag-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
const capitalized = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
