// What a receiver gets, for the document and the types of the client.
import * as z from 'zod'
import type { EventType } from '#events/types.ts'
import { Issue } from '#issues/schema.ts'
import { Run } from '#runs/schema.ts'

const integrationId = z.guid().meta({ description: 'The integration.' })
const seq = z.int().nonnegative()

const Changed = z
  .strictObject({
    integrationId,
    fromSeq: seq.meta({ description: 'The lowest `changeSeq` that is new: read `changes?after={fromSeq - 1}`.' }),
    toSeq: seq.meta({ description: 'The highest.' }),
  })
  .meta({ description: 'Changes of an integration within about a second.' })

const FinishedRun = z
  .strictObject({
    integrationId,
    runId: z.guid().meta({ description: 'The run.' }),
    task: Run.shape.task,
    status: z.enum(['succeeded', 'failed', 'cancelled']).meta({ description: 'How it ended.' }),
    counters: Run.shape.counters,
  })
  .meta({ description: 'A run that is over.' })

const days = z.int().nonnegative()

const FinishedCheck = FinishedRun.extend({
  from: z.iso.date().meta({ description: 'The first day.' }),
  to: z.iso.date().meta({ description: 'The last day.' }),
  equalDays: days.meta({ description: 'Days with sales on which all locations are equal.' }),
  differentDays: days.meta({ description: 'Days on which sales differ: see `listDays`.' }),
}).meta({ description: 'A check that is over.' })

const Connection = z
  .strictObject({
    integrationId,
    status: z.enum(['untested', 'ok', 'failed']).meta({ description: 'The status of its connection now.' }),
    stoppedBy: z
      .enum(['person', 'vendor', 'uninstall', 'freeze'])
      .nullable()
      .meta({ description: 'Who switched sync off.' }),
  })
  .meta({ description: 'A connection whose status or stop is another.' })

const TranslatedIssue = Issue.extend({
  translations: z
    .strictObject({
      ru: z
        .strictObject({
          title: z.string().meta({ description: 'The title in Russian.' }),
          detail: z.string().meta({ description: 'The detail in Russian.' }),
        })
        .meta({ description: 'In Russian.' }),
    })
    .meta({ description: '`title` and `detail`, which are English, in other languages.' }),
}).meta({ description: 'The issue.' })

const Test = z
  .strictObject({ endpointId: z.guid().meta({ description: 'The endpoint that is tested.' }) })
  .meta({ description: 'Somebody tests the endpoint.' })

const DATA = {
  'transactions.changed': Changed,
  'run.finished': FinishedRun,
  'check.finished': FinishedCheck,
  'connection.changed': Connection,
  'issue.opened': TranslatedIssue,
  'issue.resolved': TranslatedIssue,
  'endpoint.test': Test,
} as const satisfies Readonly<Record<EventType, z.ZodObject>>

const eventOf = <Type extends EventType>(type: Type) =>
  z.strictObject({
    type: z.literal(type).meta({ description: 'What happened. Ignore types that you do not know.' }),
    timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    data: DATA[type],
  })

export const Event = z
  .discriminatedUnion('type', [
    eventOf('transactions.changed'),
    eventOf('run.finished'),
    eventOf('check.finished'),
    eventOf('connection.changed'),
    eventOf('issue.opened'),
    eventOf('issue.resolved'),
    eventOf('endpoint.test'),
  ])
  .meta({ id: 'Event', description: 'The body of what endpoints are sent.' })
