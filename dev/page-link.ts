// npm run --silent link: the address of the page with a new session, for the business that is not connected yet, or for
// another one: npm run --silent link -- --business <uuid>. A session lasts half an hour.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { parseSettings } from '#dev/settings.ts'

/** A business without an integration, for who connects one in the page. */
export const PAGE_BUSINESS_ID = '00000000-0000-4000-8000-0000000000bb'

interface Service {
  readonly url: string
  readonly adminToken: string
}

const Link = z.object({ url: z.string() })

/** Of a session that may do all that the page can. */
export async function createPageLink({ url, adminToken }: Service, businessId: string): Promise<string> {
  const answer = await fetch(`${url}/v1/connect-sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ businessId, permissions: ['connect', 'view', 'import'] }),
  })
  if (!answer.ok) throw new Error(`POST /v1/connect-sessions answered ${answer.status}: ${await answer.text()}`)
  return Link.parse(await answer.json()).url
}

const State = z.object({ url: z.string(), adminToken: z.string() })

if (import.meta.main) {
  const { business } = parseArgs({
    options: { business: { type: 'string', default: PAGE_BUSINESS_ID } },
  }).values
  const file = join(parseSettings(process.env).directory, 'state.json')
  console.log(await createPageLink(State.parse(JSON.parse(readFileSync(file, 'utf8'))), business))
}
