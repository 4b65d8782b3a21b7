// node dev/advisories.ts: what is known against the packages of package-lock.json, a line each. It always ends with 0:
// an advisory comes without any change of ours, and the registry may not answer.
import { spawnSync } from 'node:child_process'
import * as z from 'zod'

const TIMEOUT_MS = 30_000
const FETCH_MS = 10_000

const Advisory = z.object({ title: z.string(), url: z.string(), severity: z.string(), range: z.string() })
/** As npm 7 and later write it. Where a package is only affected through another, `via` names that one. */
const Audit = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), Advisory])) })),
})

/** `text` is what `npm audit --json` says; `where` the packages that were looked at. */
export function describeAudit(text: string, where: string): string[] {
  const { data } = Audit.safeParse(jsonOf(text))
  if (!data) return [`advisories, ${where}: not known, the registry did not tell`]
  const lines = Object.entries(data.vulnerabilities).flatMap(([name, { via }]) =>
    via.flatMap((one) =>
      typeof one === 'string'
        ? []
        : [`advisory, ${where}: ${one.severity}, ${name} ${one.range}: ${one.title} ${one.url}`],
    ),
  )
  return lines.length > 0 ? lines : [`advisories, ${where}: none`]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function audit(args: readonly string[]): string {
  const patience = ['--fetch-retries=0', `--fetch-timeout=${FETCH_MS}`]
  const { stdout } = spawnSync('npm', ['audit', '--json', ...patience, ...args], {
    ...{ encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
    ...{ stdio: ['ignore', 'pipe', 'ignore'] },
  })
  return stdout ?? ''
}

if (import.meta.main) {
  const lines = [
    ...describeAudit(audit(['--omit=dev']), 'in the Worker'),
    ...describeAudit(audit(['--include=dev']), 'with the tools'),
  ]
  for (const line of lines) console.log(line)
}
