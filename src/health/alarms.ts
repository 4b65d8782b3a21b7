/** What is wrong, worst first; each code has its paragraph in docs/operations.md. */
export const ALARMS = {
  queue_unreachable: 'The queue does not answer. Runs go on by the sweep, at the pace of the cron.',
  run_silent: 'An active run has shown no life for more than 10 minutes. The sweep should have taken it over.',
  schedule_late: 'Integrations are due for more than 5 minutes. The cron does not tick or cannot write.',
  queue_backlog: 'The oldest message in the queue is older than 20 minutes. The consumer does not keep up.',
  inbox_late: 'A webhook has been due for more than 10 minutes. Nobody works its inbox off, or its vendor is away.',
  dead_letters: 'Messages were given up by the queue within the last day. Their runs know of it.',
  integrations_failing: 'Five integrations or more fail three times in a row or more. Look for a vendor that is down.',
  quarantine_growing:
    'More than 100 records went into quarantine within the last day. A vendor may have changed its format.',
} as const
