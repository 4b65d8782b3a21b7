// The report of a test that was just made, such as by a consent, so that its screen need not make it again.
import type { ConnectionReport } from '#web/crm/report.tsx'

interface Kept {
  readonly integrationId: string
  readonly report: ConnectionReport
}

let kept: Kept | null = null

export function keepReport(report: Kept): void {
  kept = report
}

export function takeReport(integrationId: string): ConnectionReport | null {
  const report = kept?.integrationId === integrationId ? kept.report : null
  kept = null
  return report
}
