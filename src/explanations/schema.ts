import * as z from 'zod'
import { QuarantinedRecord } from '#quarantine/list.ts'
import { Run } from '#runs/schema.ts'
import { TransactionChange } from '#transactions/history.ts'
import { SampleTransaction, Transaction } from '#transactions/schema.ts'

const ID_MAX = 200

export const ExplainSale = z.strictObject({
  externalId: z.string().min(1).max(ID_MAX).meta({ description: 'The id in the CRM, exactly.' }),
  locationId: z.string().max(ID_MAX).optional().meta({
    description: 'Where it was sold, if that is known: with many branches it saves asking each of them.',
  }),
  day: z.iso.date().optional().meta({
    description: 'When it was sold, for what the CRM finds by its day alone (receipts of a till) and is not stored.',
  }),
})
export type ExplainSale = z.infer<typeof ExplainSale>

const OUTCOMES = ['paid', 'unpaid', 'cancelled', 'skipped', 'unreadable', 'unknown'] as const
const STATES = ['shown', 'gone', 'not_shown', 'unavailable', 'not_asked'] as const

const InCrm = z.strictObject({
  state: z.enum(STATES).meta({
    description:
      '`shown`: it is in the CRM. `gone`: the CRM says that there is no such record. `not_shown`: it cannot be read alone, or the CRM does not show it and does not say that it is gone. `unavailable`: the CRM could not be read just now. `not_asked`: it came from a file.',
  }),
  readAt: z.iso.datetime().meta({ description: 'When it was asked.' }),
  transaction: SampleTransaction.nullable().meta({
    description: 'The sale as the CRM shows it now; null where it shows none.',
  }),
  detail: z.string().nullable().meta({
    description: 'Why it could not be read, or what of it is unreadable; else null.',
  }),
})

export const Explanation = z
  .strictObject({
    externalId: z.string().meta({ description: 'The id that was asked for.' }),
    outcome: z.enum(OUTCOMES).meta({
      description:
        'What it counts as. `skipped`: it is no sale, or was never seen paid, so it is not stored. `unreadable`: it waits in quarantine. `unknown`: nothing is stored of it, and the CRM does not tell.',
    }),
    text: z.string().meta({ description: 'All of it in plain words, in the language of `Accept-Language`.' }),
    rule: z
      .strictObject({
        code: z.string().meta({ description: 'The rule of this CRM; new ones may come.' }),
        text: z.string().meta({ description: 'What it says.' }),
      })
      .nullable()
      .meta({ description: 'By which it counts so; null where the CRM could not be read.' }),
    crm: InCrm.meta({ description: 'What the CRM says now.' }),
    stored: Transaction.nullable().meta({ description: 'What is stored; null: nothing.' }),
    quarantined: QuarantinedRecord.nullable().meta({ description: 'Where it is in quarantine.' }),
    cameBy: z
      .strictObject({
        kind: z.enum(['run', 'hook', 'file']).meta({ description: 'What brought it first, as far as that is kept.' }),
        id: z.guid().nullable().meta({ description: 'The run or the webhook’s delivery; null where it is not kept.' }),
        trigger: Run.shape.trigger.nullable().meta({ description: 'What had started the run.' }),
        line: z.int().nullable().meta({ description: 'Of a file: the line at which its row begins, from 1.' }),
        at: z.iso.datetime().meta({ description: 'When it was stored.' }),
      })
      .nullable()
      .meta({ description: 'How it came to be here; null where nothing is stored.' }),
    changes: z.array(TransactionChange).meta({ description: 'What changed when, newest first; 50 at most.' }),
  })
  .meta({ id: 'Explanation', description: 'Why a sale counts as it does.' })
export type Explanation = z.infer<typeof Explanation>
