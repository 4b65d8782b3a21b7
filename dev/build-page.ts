// Builds the page into web/dist, which the Worker serves as its assets. Names carry a hash of what is in the file, so
// a browser may keep them for ever; the manifest says which of them the page begins with. Builds may run side by side:
// a file is written whole, and what is there already is left alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const OUT = join(ROOT, 'web', 'dist')
const ASSETS = 'assets'
const ENTRY = 'web/src/main.tsx'
const SCREEN = /^web\/src\/screens\/([^/]+)\/screen\.tsx$/

const HEADERS = `/${ASSETS}/*
  Cache-Control: public, max-age=31536000, immutable
  X-Content-Type-Options: nosniff
  Cross-Origin-Resource-Policy: same-origin
`

/** What the page begins with. Paths begin with a slash. */
export interface PageManifest {
  readonly script: string
  readonly styles: readonly string[]
  /** What the script imports at once. */
  readonly preloads: readonly string[]
  /** What each screen needs beside, by the name of its folder. */
  readonly screens: Readonly<Record<string, readonly string[]>>
}

/**
 * A browser has loaded all of the entry before it asks for a screen. Said here as an import of each screen, it stays
 * one file instead of one for every set of screens that share a part of it.
 */
const oneBase: Plugin = {
  name: 'one base',
  setup: (bundle) => {
    bundle.onLoad({ filter: /[\\/]screens[\\/][^\\/]+[\\/]screen\.tsx$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nimport '#web/main.tsx'\n`,
      loader: 'tsx',
    }))
  },
}

export async function buildPage(): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: [ENTRY], outdir: join(OUT, ASSETS), write: false, metafile: true },
    ...{ bundle: true, minify: true, splitting: true, format: 'esm', target: 'es2022', platform: 'browser' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', charset: 'utf8', legalComments: 'none' },
    plugins: [oneBase],
    ...{ entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', logLevel: 'warning' },
  })
  const files = new Map(outputFiles.map(({ path, contents }) => [join(ASSETS, basename(path)), contents]))
  const manifest = `${JSON.stringify(manifestOf(metafile))}\n`
  files.set('_headers', new TextEncoder().encode(HEADERS))
  // Outside of what is served to everybody: the Worker reads it.
  files.set('manifest.json', new TextEncoder().encode(manifest))
  mkdirSync(join(OUT, ASSETS), { recursive: true })
  // The manifest comes last: what it names is there before it is read.
  for (const [name, contents] of files) writeWhole(join(OUT, name), contents)
  for (const name of readdirSync(join(OUT, ASSETS))) {
    if (!files.has(join(ASSETS, name))) rmSync(join(OUT, ASSETS, name), { force: true })
  }
}

function writeWhole(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return
  const draft = join(ROOT, 'web', `.${basename(path)}.${process.pid}`)
  writeFileSync(draft, contents)
  renameSync(draft, path)
}

function manifestOf({ outputs }: Metafile): PageManifest {
  const urlOf = (output: string) => `/${ASSETS}/${basename(output)}`
  const addImports = (known: Set<string>, output: string): Set<string> => {
    for (const { path, kind } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && !known.has(path)) addImports(known.add(path), path)
    }
    return known
  }
  const entries = Object.entries(outputs).flatMap(([output, { entryPoint }]) =>
    entryPoint ? [{ output, entryPoint }] : [],
  )
  const main = entries.find(({ entryPoint }) => entryPoint === ENTRY)?.output
  if (main === undefined) throw new Error(`${ENTRY} was not built`)
  const preloads = addImports(new Set([main]), main)
  const screens = entries.flatMap(({ output, entryPoint }) => {
    const [, name] = SCREEN.exec(entryPoint) ?? []
    return name === undefined ? [] : [[name, [...addImports(new Set([output]), output)]] as const]
  })
  const beside = (files: Iterable<string>) => [...files].filter((file) => !preloads.has(file)).map(urlOf)
  const styles = outputs[main]?.cssBundle
  return {
    script: urlOf(main),
    styles: styles === undefined ? [] : [urlOf(styles)],
    preloads: [...preloads].filter((file) => file !== main).map(urlOf),
    screens: Object.fromEntries(screens.map(([name, files]) => [name, beside(files)])),
  }
}

if (import.meta.main) await buildPage()
