// The Worker as it would be deployed: its size, what each part of it weighs, and the CPU that its start takes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { isKept, type Line, spreadOf } from './measure.ts'

const ROOT = resolve(import.meta.dirname, '..')
const METAFILE = 'meta.json'
/** A tenth of what the platform takes. What a change costs is told by the weights of the parts, not by this ceiling. */
const BUNDLE_KIB_MAX = 1024
/** Lighter parts are told as one. */
const PART_KIB_MIN = 10
const STARTUP_MS_MAX = 100

function wrangler(args: readonly string[]): string {
  const bin = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js')
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: ROOT, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`wrangler ${args[0]} failed:\n${stdout}${stderr}`)
  return stdout
}

let built: string | undefined

/** The entry file of the Worker as it would be deployed: built once a process, and removed with it. */
export function buildWorker(): string {
  if (built === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-bundle-'))
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
    wrangler(['deploy', '--dry-run', '--outdir', directory, '--metafile', join(directory, METAFILE)])
    built = join(directory, 'index.js')
  }
  return built
}

/** A Worker that is not the service: one file and what it imports, for plain workerd. */
export async function bundleEntry(entry: string, outfile: string): Promise<string> {
  const options = { bundle: true, format: 'esm', minify: true, logLevel: 'error' } as const
  const external = ['node:*', 'cloudflare:*']
  await build({ ...options, entryPoints: [entry], outfile, external, conditions: ['workerd'] })
  return outfile
}

export function measureBundle(): Line[] {
  const script = buildWorker()
  const kib = gzipSync(readFileSync(script)).length / 1024
  const written = writtenBytes(readFileSync(join(dirname(script), METAFILE), 'utf8'))
  const locales = [...written.keys()].filter((file) => /zod\/v4\/locales\/(?!en\.)/.test(file)).length
  return [
    { name: 'bundle, gzip', value: spreadOf([kib]), unit: 'KiB', budget: { kind: 'most', value: BUNDLE_KIB_MAX } },
    {
      name: 'zod locales in it beside English',
      value: spreadOf([locales]),
      unit: '',
      budget: { kind: 'most', value: 0 },
    },
    ...weigh(written),
  ]
}

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs?: Readonly<Record<string, { bytesInOutput: number }>> }>>
}

/** Bytes of each file in the minified bundle. esbuild lists what it has read; what counts is what it wrote. */
function writtenBytes(metafile: string): ReadonlyMap<string, number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- esbuild's own format
  const { outputs } = JSON.parse(metafile) as Metafile
  const inputs = Object.values(outputs).flatMap(({ inputs = {} }) => Object.entries(inputs))
  return new Map(
    inputs.map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const).filter(([, size]) => size > 0),
  )
}

/** The npm package that a file is of, or its folder in src. */
function partOf(file: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? /(src\/[^/]+)/.exec(file) ?? []
  return name ?? 'the rest'
}

/** The heaviest first. */
function weigh(written: ReadonlyMap<string, number>): Line[] {
  const files = Object.groupBy(written, ([file]) => partOf(file))
  const weights = Object.entries(files).map(
    ([part, of = []]) => [part, of.reduce((sum, [, size]) => sum + size, 0)] as const,
  )
  const isHeavy = ([, size]: readonly [string, number]) => size / 1024 >= PART_KIB_MIN
  const light = weights.filter((weight) => !isHeavy(weight)).reduce((sum, [, size]) => sum + size, 0)
  const heavy = weights.filter(isHeavy).toSorted(([, a], [, b]) => b - a)
  return [...heavy, [`parts under ${PART_KIB_MIN} KiB`, light] as const].map(([part, size]) => ({
    name: `  of it, minified: ${part}`,
    value: spreadOf([size / 1024]),
    unit: 'KiB',
    budget: null,
  }))
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** What else runs on the machine only adds, so a miss is measured again this often, and the best round counts. */
const STARTUP_ROUNDS_MAX = 3

export function measureStartup(starts: number): Line {
  let best = startupRound(starts)
  for (let round = 2; round <= STARTUP_ROUNDS_MAX && !isKept(best); round += 1) {
    const again = startupRound(starts)
    if (again.value.median < best.value.median) best = again
  }
  return best
}

/** `wrangler check startup` writes a CPU profile; the time it was not idle is what the start costs. */
function startupRound(starts: number): Line {
  const values = Array.from({ length: starts }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-startup-'))
    try {
      wrangler(['check', 'startup', '--outfile', join(directory, 'worker.cpuprofile')])
      const [file = ''] = readdirSync(directory)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- V8's own format
      return busyMs(JSON.parse(readFileSync(join(directory, file), 'utf8')) as Profile)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
  const budget = { kind: 'most', value: STARTUP_MS_MAX } as const
  return { name: 'start-up CPU', value: spreadOf(values), unit: 'ms', budget }
}

function busyMs({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => ['(idle)', '(program)'].includes(callFrame.functionName)).map(({ id }) => id),
  )
  return samples.reduce((sum, id, index) => sum + (idle.has(id) ? 0 : (timeDeltas[index] ?? 0)), 0) / 1000
}
