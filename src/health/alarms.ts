/** The alarms, worst first. Each code has a section in docs/operations.md. */
export const ALARMS = {
  queue_unreachable: 'The queue does not answer. Runs go on by the sweep, at the pace of the cron.',
  run_silent: 'An active run has given no sign of life for more than 10 minutes. The sweep should have sent it again.',
  schedule_late: 'Integrations are due for more than 5 minutes. The cron does not tick or cannot write.',
  queue_backlog: 'The oldest message in the queue is older than 20 minutes. The consumer does not keep up.',
  inbox_late:
    'A webhook has been due for more than 10 minutes. No worker processes its inbox, or its vendor does not answer.',
  hooks_refused:
    'More than 5 % of the webhooks of a CRM were not answered with 200. Some vendors block the address from 10 % on.',
  dead_letters: 'The queue gave up messages within the last day. Their runs record it.',
  vendor_trouble:
    'A CRM refuses many integrations at once. Nobody is switched off, and all are tried again. Check what the vendor says.',
  history_unprepared:
    'The history of sales or the audit has no partition for the month after next. The nightly work does not make them.',
  integrations_failing:
    'Five or more integrations have failed three or more times in a row. Check whether a vendor is down.',
  quarantine_growing:
    'More than 100 records went into quarantine within the last day. A vendor may have changed its format.',
} as const
