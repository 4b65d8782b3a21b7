import * as z from 'zod'
import { KeyUse } from '#keys/key-uses.ts'
import { type AlarmCode, ALARMS } from '#health/alarms.ts'
import { EventHealth } from '#health/event-health.ts'
import { InboxHealth } from '#health/inbox-health.ts'

const count = z.int().nonnegative()
const time = z.iso.datetime()

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
export const ALARM_CODES = Object.keys(ALARMS) as [AlarmCode, ...AlarmCode[]]

const Schedule = z.lazy(() =>
  z.strictObject({
    due: count.meta({ description: 'Integrations whose sync should have begun.' }),
    oldestDue: z
      .strictObject({
        integrationId: z.guid().meta({ description: 'The integration.' }),
        dueAt: time.meta({ description: 'When its sync was due.' }),
        lateSeconds: count.meta({ description: 'How late it is.' }),
      })
      .nullable()
      .meta({ description: 'The one that is overdue the longest.' }),
    on: count.meta({ description: 'Integrations whose sync is on; counting stops at 100,000.' }),
    failing: count.meta({ description: 'Switched on, and failed three or more times in a row.' }),
  }),
)

const ActiveRuns = z.lazy(() =>
  z.strictObject({
    queued: count.meta({ description: 'In line.' }),
    running: count.meta({ description: 'At work.' }),
    waiting: count.meta({ description: 'Waiting for a later time.' }),
    byAge: z
      .strictObject({
        minute: count.meta({ description: 'Up to a minute old.' }),
        tenMinutes: count.meta({ description: 'Up to ten minutes.' }),
        hour: count.meta({ description: 'Up to an hour.' }),
        day: count.meta({ description: 'Up to a day.' }),
        older: count.meta({ description: 'Older than a day.' }),
      })
      .meta({ description: 'Active runs by their age.' }),
    silent: count.meta({ description: 'Due or running, and no sign of life for 10 minutes.' }),
    oldest: z
      .strictObject({
        runId: z.guid().meta({ description: 'The run.' }),
        integrationId: z.guid().meta({ description: 'Its integration.' }),
        createdAt: time.meta({ description: 'When it was put in line.' }),
      })
      .nullable()
      .meta({ description: 'The oldest active run.' }),
  }),
)

const DeadLetters = z.lazy(() =>
  z.strictObject({
    runsLastDay: count.meta({ description: 'Runs whose message was given up within the last day.' }),
    lastAt: time.nullable().meta({ description: 'When that last happened.' }),
  }),
)

const Unreadable = z.lazy(() =>
  z.strictObject({
    records: count.meta({ description: 'Records that wait there.' }),
    integrations: count.meta({ description: 'Integrations that have any.' }),
    lastDay: count.meta({ description: 'Records that came within the last day.' }),
  }),
)

const IssueCounts = z.lazy(() =>
  z.strictObject({
    crmType: z.string().meta({ description: 'The CRM of their integrations.' }),
    errors: count.meta({ description: 'With the severity `error`.' }),
    warnings: count.meta({ description: 'With the severity `warning`.' }),
    infos: count.meta({ description: 'With the severity `info`.' }),
    connectionsLost: count.meta({ description: 'Integrations that their CRM has refused for good.' }),
    connectionsLostLastDay: count.meta({ description: 'Of these, within the last day.' }),
    late: count.meta({
      description: 'Integrations whose sales are older than their `freshness.targetMinutes`.',
    }),
    lateHalfHour: count.meta({ description: 'Of these, for more than half an hour.' }),
  }),
)

export const EngineHealth = z
  .lazy(() =>
    z.strictObject({
      status: z.enum(['ok', 'attention']).meta({ description: '`attention`: at least one alarm is raised.' }),
      checkedAt: time.meta({ description: 'When this was measured.' }),
      queue: z
        .strictObject({
          messages: count.meta({ description: 'Messages that wait.' }),
          oldestMessageAt: time.nullable().meta({ description: 'When the oldest was sent.' }),
        })
        .nullable()
        .meta({ description: 'Null: the queue did not answer.' }),
      schedule: Schedule.meta({ description: 'Whether syncs begin in time.' }),
      activeRuns: ActiveRuns.meta({ description: 'Runs that have not ended.' }),
      webhooks: InboxHealth.meta({ description: 'What CRMs reported.' }),
      events: EventHealth.meta({ description: 'What endpoints are to hear.' }),
      deadLetters: DeadLetters.meta({ description: 'Messages that the queue gave up.' }),
      quarantine: Unreadable.meta({ description: 'Records that could not be read.' }),
      issues: z.array(IssueCounts).meta({ description: 'Open issues of integrations, by CRM.' }),
      pendingMigrations: count.meta({ description: 'Migrations that this Worker needs and the database lacks.' }),
      history: z
        .strictObject({
          monthsAhead: count.meta({
            description: 'Months to come for which the history of sales and the audit have partitions.',
          }),
        })
        .meta({ description: 'Where changes of sales are kept.' }),
      keys: z.array(KeyUse).meta({ description: 'What each key of the service seals, as it was last counted.' }),
      startProblem: z
        .enum(['wrong_keys', 'other_deployment'])
        .nullable()
        .meta({ description: 'Why this Worker does no work on its database; null: it works.' }),
      vendorsInTrouble: z.array(z.string()).meta({
        description: 'CRM types that refused many integrations at once within the last day, and have not recovered.',
      }),
      listsShort: z.array(z.string()).meta({
        description: 'Marketplaces whose list was empty or lacked more than 5 % of the branches that have our app.',
      }),
      alarms: z
        .array(
          z.strictObject({
            code: z.enum(ALARM_CODES).meta({ description: 'What is wrong. docs/operations.md says what to do.' }),
            detail: z.string().meta({ description: 'The same in a sentence.' }),
          }),
        )
        .meta({ description: 'What needs an operator, worst first.' }),
    }),
  )
  .meta({ id: 'EngineHealth', description: 'The state of the sync engine.' })
export type EngineHealth = z.infer<typeof EngineHealth>

/** What decides the alarms. */
export type Measured = Omit<EngineHealth, 'status' | 'alarms' | 'checkedAt'>
