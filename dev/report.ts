// What a start prints when all is up: what the demo stored, and lines to paste.
import { join } from 'node:path'
import type { Demo } from '#dev/demo.ts'
import type { ServedSandbox } from '#dev/serve-sandbox.ts'

export interface Report {
  readonly directory: string
  readonly url: string
  readonly demo: Demo | null
  readonly sandbox: ServedSandbox | null
}

/** The last line begins with `ready`; how a webhook came may follow it. */
export function printReport({ directory, url, demo, sandbox }: Report): void {
  if (demo && sandbox) console.log(demoReport({ url, demo, sandbox }))
  console.log(`API documentation: ${url}/docs   State: ${join(directory, 'state.json')}   Stop: Ctrl-C`)
  console.log(`ready at ${url} after ${(performance.now() / 1000).toFixed(1)} s`)
}

interface DemoReport {
  readonly url: string
  readonly demo: Demo
  readonly sandbox: ServedSandbox
}

function demoReport({ url, demo, sandbox: { sandbox, url: sandboxUrl } }: DemoReport): string {
  // An answer ends without a line break, and the prompt would stand behind it.
  const curl = "curl -s -w '\\n'"
  const api = `${url}/v1/integrations/$ID`
  const call = (path: string) => `${curl} -H "Authorization: Bearer $TOKEN" "${api}${path}"`
  const arrives = sandbox.hooks ? 'by webhook a few seconds later, or at once with a sync' : 'with a sync'
  return `
${sandbox.business.name} (${sandbox.connection.crmType}) is connected to business ${demo.businessId}.
${demo.report}

In the browser, what is connected: ${demo.pages.demo}
A business that is not, to connect this CRM yourself: ${demo.pages.connect}
  ${demo.pages.entries.join('\n  ')}
Each opens in one browser, for half an hour; npm run --silent link prints a new one.

Look around; these lines work when pasted:
  TOKEN=${demo.token}
  ID=${demo.integrationId}
  ${call('')}
  ${call('/transactions?limit=3')}
  ${call('/changes?after=0&limit=3')}
Sell something there, and see it arrive ${arrives}:
  ${curl} -X POST -H 'Content-Type: application/json' -d '{"do":"sell","rubles":990}' ${sandboxUrl}/_sandbox/edit
  ${curl} -X POST -H "Authorization: Bearer $TOKEN" "${api}/sync?wait=10"
  ${call('/transactions?limit=1')}
${demo.install}`
}
