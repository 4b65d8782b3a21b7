// What `npm run prove` is asked: from the command line, else from the environment, else from the local environment.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import type { ProveOptions } from '#dev/prove/prove.ts'
import { isId } from '#lib/id.ts'

export const USAGE = `Usage: npm run prove -- --url <url> --integration <uuid> [--token <token>]
         [--days <n>] [--last] [--explain <n>] [--language ru|en]

Compares the last days of an integration with its CRM, through the API, and prints each day.
  --url          where the service is; PROVE_URL
  --integration  the id of the integration; PROVE_INTEGRATION
  --token        an access token with integrations:read and integrations:write, and with transactions:read for
                 --explain; better PROVE_TOKEN, which other processes cannot see
  --days         how many days, today included; 7 when left out, 366 at most
  --last         no new check: what the last ones have found
  --explain      of so many of the sales that differ, why; none when left out, 9 at most
  --language     en when left out
Without any of the first three: the demo of npm start (DEV_DIR).
Ends with 0 when all days are equal, 1 when some differ, 2 when they could not be compared.`

/** A sentence for who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const DAYS_MAX = 366
/** An explanation counts as a connection test, of which there are ten a minute. */
const EXPLAINED_MAX = 9

const State = z.object({
  url: z.string(),
  demo: z.object({ token: z.string(), integrationId: z.string() }).nullable(),
})

type Environment = Readonly<Record<string, string | undefined>>

/** Throws UsageError. Null: help was asked for. */
export function readOptions(argv: readonly string[], env: Environment): ProveOptions | null {
  const values = parse(argv)
  if (values.help) return null
  const named = {
    url: values.url ?? env['PROVE_URL'],
    integrationId: values.integration ?? env['PROVE_INTEGRATION'],
    token: values.token ?? env['PROVE_TOKEN'],
  }
  const { url, integrationId, token } = Object.values(named).some(Boolean) ? named : demoOf(env)
  if (!url) throw new UsageError('--url is missing.')
  if (!/^https?:\/\/[^/]/.test(url)) throw new UsageError('--url: expected an address such as https://crm.example.com.')
  if (!integrationId) throw new UsageError('--integration is missing.')
  if (!isId(integrationId)) throw new UsageError('--integration: expected a UUID.')
  if (!token) throw new UsageError('--token is missing, and PROVE_TOKEN is not set.')
  if (values.language !== 'ru' && values.language !== 'en') throw new UsageError('--language: expected ru or en.')
  return {
    ...{ url, integrationId, token, language: values.language, usesLast: values.last },
    days: wholeOf('--days', values.days, DAYS_MAX),
    explained: values.explain === undefined ? 0 : wholeOf('--explain', values.explain, EXPLAINED_MAX),
  }
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...argv],
      options: {
        ...{ url: text, integration: text, token: text, explain: text },
        days: { type: 'string', default: '7' },
        language: { type: 'string', default: 'en' },
        last: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function wholeOf(name: string, text: string, most: number): number {
  const number = Number(text)
  if (/^\d{1,3}$/.test(text) && number >= 1 && number <= most) return number
  throw new UsageError(`${name}: expected a number from 1 to ${most}.`)
}

function demoOf(env: Environment): { readonly url?: string; readonly integrationId?: string; readonly token?: string } {
  const path = join(env['DEV_DIR'] || '.dev', 'state.json')
  if (!existsSync(path)) return {}
  const state = State.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  return state?.demo ? { url: state.url, ...state.demo } : {}
}
