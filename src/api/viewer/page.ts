// The document as one page without scripts: what is hidden opens without them, so a policy can forbid them all.
import { nameOf, type OpenApiDocument, type Operation } from './document.ts'
import { type Html, markup } from './html.ts'
import { inline, markdown } from './markdown.ts'
import { answers, contentPart, example, headerAnchor, parameters, refusalAnchor } from './operation.ts'
import { entry, properties, typeOf } from './schema.ts'

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

export async function renderPage(document: OpenApiDocument): Promise<string> {
  const { title, description } = document.info
  const sections = sectionsOf(document)
  const shared = [sharedSchemas(document), sharedRefusals(document), sharedHeaders(document)]
  const names = [...sections.map(({ tag }) => tag), 'schemas', 'refusals', 'headers']
  return String(
    await markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} API</title>
<link rel="icon" href="/docs/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<header>
<h1>${title}</h1>
${markdown(description)}
<p>The same as OpenAPI 3.1, for generators: <a href="/openapi.json">openapi.json</a></p>
</header>
<nav aria-label="Contents">
<ul>${names.map((name) => markup`<li><a href="#${anchorOf(name)}">${capitalized(name)}</a></li>`)}</ul>
</nav>
<main>
${sections.map((section) => operationsSection(document, section))}
${shared}
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

function operationsSection(document: OpenApiDocument, { tag, description, operations }: Section): Html {
  return section(tag, [markdown(description), operations.map((named) => operationPart(document, named))])
}

/** The anchor is within: a browser opens what hides the target of a link. */
function operationPart(document: OpenApiDocument, { method, path, operation }: Named): Html {
  const { operationId, summary = '', description } = operation
  return markup`<details>
<summary><h3><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></h3> ${summary}</summary>
<div id="${operationId}">${markdown(description)}
<p class="t"><code>${operationId}</code>. ${scopeOf(operation)}</p>
${parameters(document, operation)}${contentPart(document, operation)}${answers(document, operation)}</div>
</details>
`
}

function scopeOf({ security = [] }: Operation): Html | string {
  const scopes = security.flatMap((schemes) => Object.values(schemes).flat())
  if (scopes.length > 0) return markup`Needs a token with the scope <code>${scopes.join(' ')}</code>.`
  return security.length > 0 ? 'Needs a token.' : 'Needs no token.'
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

function sharedRefusals({ components: { responses = {} } }: OpenApiDocument): Html {
  const parts = Object.entries(responses).map(
    ([name, { description }]) =>
      markup`<dt id="${refusalAnchor(name)}">${name}</dt><dd>${inline(description)}</dd>
`,
  )
  return section('refusals', markup`<p>Each is a <a href="#Problem">Problem</a>.</p><dl>${parts}</dl>`)
}

function sharedHeaders({ components: { headers = {} } }: OpenApiDocument): Html {
  const parts = Object.entries(headers).map(([name, { description = '', schema = {} }]) =>
    entry(name, schema, { where: '', text: description, anchor: headerAnchor(nameOf(name)) }),
  )
  return section('headers', markup`<dl>${parts}</dl>`)
}

const tagOf = ({ tags = [] }: Operation): string => tags[0] ?? 'other'
const anchorOf = (name: string): string => `tag-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
const capitalized = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
