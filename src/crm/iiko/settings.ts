import * as z from 'zod'
import { adaptive, initialDays, timeZone } from '#crm/kit/settings.ts'

const STATUSES = [
  ...['Unconfirmed', 'WaitCooking', 'ReadyForCooking', 'CookingStarted', 'CookingCompleted'],
  ...['Waiting', 'OnWay', 'Delivered', 'Closed'],
] as const
const id = z.string().trim().toLowerCase().min(1).max(100)

/** An iikoServer is at `/resto`; owners copy its address with or without that. */
function toServerUrl(text: string): string {
  const bare = text.trim().replace(/\/+$/, '')
  return /\/resto$/i.test(bare) ? bare : `${bare}/resto`
}

const Server = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(500)
    .transform(toServerUrl)
    .meta({
      title: 'Address of iikoServer',
      description: 'Only where the key may not read the cloud’s reports of sales at the till.',
      'x-ru': {
        title: 'Адрес iikoServer',
        description: 'Только если ключу не разрешены облачные отчёты о продажах на кассе.',
      },
      examples: ['https://cafe.iiko.it'],
    }),
  login: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ title: 'User of iikoServer', 'x-ru': { title: 'Пользователь iikoServer' } }),
  overlapDays: z
    .int()
    .min(0)
    .max(31)
    .default(3)
    .meta({ description: 'How many days back every sync reads receipts again, for late and changed ones.' }),
  departments: z.record(id, id).optional().meta({ description: 'The same as `departments` beside the server.' }),
})

export const Settings = z.strictObject({
  organizationIds: z.array(id).default([]),
  appId: z.string().trim().min(1).max(100).optional().meta({
    description: 'Of an app of your own at public-api.iikoweb.ru/portal, whose secret is the second credential.',
  }),
  timezone: timeZone().optional(),
  paidStatuses: z.array(z.enum(STATUSES)).min(1).default(['Closed']),
  excludedPaymentKinds: z.array(z.string().trim().min(1)).default(['Writeoff']),
  initialDays,
  adaptive,
  departments: z.record(id, id).optional().meta({
    description:
      'For sales at the till: outlet ids of the reports → organization ids of the cloud. Others’ sales are then left out.',
  }),
  server: Server.optional(),
})
export type Settings = z.infer<typeof Settings>

/** Null: all outlets. */
export function departmentsOf({ departments, server }: Settings): Readonly<Record<string, string>> | null {
  return departments ?? server?.departments ?? null
}
