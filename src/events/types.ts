/** Everything that an endpoint can hear of. A type is never renamed, since receivers decide by it. */
export const EVENT_TYPES = [
  'transactions.changed',
  'run.finished',
  'check.finished',
  'connection.changed',
  'issue.opened',
  'issue.resolved',
  'endpoint.test',
] as const
export type EventType = (typeof EVENT_TYPES)[number]
