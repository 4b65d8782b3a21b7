// What the owner sees first: one word for the state of the connection, and what to do. Decided here alone, from what
// the API says; texts.ts has the words.
import type { components } from '#client/schema.ts'

type Integration = components['schemas']['Integration']
type Issue = components['schemas']['Issue']

export type StateName =
  | 'refused'
  | 'uninstalled'
  | 'frozen'
  | 'paused'
  | 'untested'
  | 'ready'
  | 'files'
  | 'loading'
  | 'failing'
  | 'yourTurn'
  | 'ourTurn'
  | 'late'
  | 'remarks'
  | 'works'

export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'off'

/** What the button beside the sentence does. */
export type NextStep = 'reconnect' | 'switchOn' | 'test' | 'import' | 'issues' | 'contact' | null

export interface HomeState {
  readonly name: StateName
  readonly tone: Tone
  readonly next: NextStep
}

type Facts = Pick<Integration, 'crmType' | 'apiUrl' | 'syncEnabled' | 'stoppedBy' | 'connection' | 'freshness'> &
  Pick<Integration, 'lastSyncStatus'>

export function homeState(integration: Facts, openIssues: readonly Issue[]): HomeState {
  return integration.syncEnabled ? whileOn(integration, openIssues) : whileOff(integration)
}

function whileOff({ crmType, apiUrl, stoppedBy, connection }: Facts): HomeState {
  if (stoppedBy === 'uninstall') return { name: 'uninstalled', tone: 'bad', next: 'reconnect' }
  if (stoppedBy === 'freeze') return { name: 'frozen', tone: 'warning', next: null }
  if (stoppedBy === 'vendor' || connection.status === 'failed') {
    return { name: 'refused', tone: 'bad', next: 'reconnect' }
  }
  // Files that a person sends need no schedule.
  if (crmType === 'csv' && apiUrl === null) return { name: 'files', tone: 'good', next: 'import' }
  if (stoppedBy === 'person') return { name: 'paused', tone: 'off', next: 'switchOn' }
  if (connection.status === 'untested') return { name: 'untested', tone: 'warning', next: 'test' }
  return { name: 'ready', tone: 'off', next: 'switchOn' }
}

function whileOn({ lastSyncStatus, freshness }: Facts, openIssues: readonly Issue[]): HomeState {
  const errors = openIssues.filter(({ severity }) => severity === 'error')
  if (errors.some(({ whoseTurn }) => whoseTurn === 'owner')) return { name: 'yourTurn', tone: 'bad', next: 'issues' }
  if (errors.some(({ whoseTurn }) => whoseTurn === 'operator')) return { name: 'ourTurn', tone: 'bad', next: 'contact' }
  if (freshness.isLate) return { name: 'late', tone: 'warning', next: null }
  if (freshness.asOf === null) {
    if (lastSyncStatus === 'failed') return { name: 'failing', tone: 'warning', next: 'contact' }
    return { name: 'loading', tone: 'busy', next: null }
  }
  const isOwners = openIssues.some(({ whoseTurn }) => whoseTurn === 'owner')
  return isOwners ? { name: 'remarks', tone: 'warning', next: 'issues' } : { name: 'works', tone: 'good', next: null }
}
