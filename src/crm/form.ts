// What a page needs to ask a person for a connection: titles, help, steps. Texts only; what is allowed stands in the
// connector and its settings.
import type { LocalizedText } from '#crm/contract.ts'
import { both } from '#lib/localized.ts'

export interface Titled {
  readonly title: LocalizedText
  readonly help?: LocalizedText
  /** What its values are called, where they are words of the API. */
  readonly options?: Readonly<Record<string, LocalizedText>>
  /** Asked for at once: nothing works without it, or it changes what else has to be entered. */
  readonly isMain?: true
}

export interface ConnectForm<Settings> {
  /** Of the address. Null: nobody has to enter one. */
  readonly apiUrl: { readonly label: LocalizedText; readonly help: LocalizedText } | null
  /** How long it takes to get and enter what has to be entered, about. */
  readonly minutes: number
  /** What the owner does in the CRM, step by step. */
  readonly guide: Readonly<Record<keyof LocalizedText, readonly string[]>>
  /** In the order in which a form shows them. */
  readonly settings: Readonly<Record<keyof Settings, Titled>>
  /** By the names in the connection test. One that ends with `*` stands for all that begin so. */
  readonly capabilities: Readonly<Record<string, LocalizedText>>
}

/** Settings that most connectors have. */
export const COMMON = {
  timezone: {
    title: { en: 'Time zone', ru: 'Часовой пояс' },
    help: {
      en: 'Such as Europe/Moscow. Left out: that of the account, else of the business.',
      ru: 'Например, Europe/Moscow. Если не указан, берётся из CRM, а если нет и там — у компании.',
    },
  },
  currency: {
    title: { en: 'Currency', ru: 'Валюта' },
    help: {
      en: 'Such as RUB. Left out: that of the account, else of the business.',
      ru: 'Например, RUB. Если не указана, берётся из CRM, а если нет и там — у компании.',
    },
  },
  initialDays: {
    title: { en: 'Days of history', ru: 'За сколько дней загрузить историю' },
    help: { en: 'How far back the first sync reads.', ru: 'Насколько давние продажи читает первая синхронизация.' },
  },
  adaptive: {
    title: { en: 'Poll less often while webhooks arrive', ru: 'Реже опрашивать, пока приходят вебхуки' },
    help: {
      en: 'Every 15 to 60 minutes. When one is missed, the CRM is polled as usual again.',
      ru: 'Раз в 15–60 минут. Если вебхук не пришёл, опрос снова идёт как обычно.',
    },
  },
} as const satisfies Readonly<Record<string, Titled>>

/** A JSON Schema of the settings with the texts of the form. What the schema says itself stays. */
export function titled(schema: JsonSchema, { settings }: ConnectForm<unknown>): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const texts = Object.entries<Titled>(settings).find(([known]) => known === name)?.[1]
    return [name, { ...(texts && schemaTexts(texts)), ...Object(property) }] as const
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly [keyword: string]: unknown
}

function schemaTexts({ title, help }: Titled) {
  const of = (language: keyof LocalizedText) => {
    return { title: title[language], ...(help && { description: help[language] }) }
  }
  return { ...of('en'), 'x-ru': of('ru') }
}

const CAPABILITIES: Readonly<Record<string, LocalizedText>> = {
  credentials: { en: 'Access', ru: 'Доступ' },
  account: { en: 'Account', ru: 'Аккаунт' },
  same_account: { en: 'The account that is connected', ru: 'Подключённый аккаунт' },
  client_phones: { en: 'Client phones', ru: 'Телефоны клиентов' },
  webhook_settings: { en: 'Webhooks', ru: 'Вебхуки' },
}

/** The titles of all capabilities that a connector's test may name. */
export function capabilityTitles({ capabilities }: ConnectForm<unknown>): Readonly<Record<string, LocalizedText>> {
  return { ...CAPABILITIES, ...capabilities }
}

export function capabilityTitle(form: ConnectForm<unknown>, name: string): LocalizedText {
  const titles = capabilityTitles(form)
  const exact = titles[name]
  if (exact) return exact
  const stem = Object.keys(titles).find((key) => key.endsWith('*') && name.startsWith(key.slice(0, -1)))
  const title = stem === undefined ? undefined : titles[stem]
  if (stem === undefined || !title) return both(name)
  const end = name.slice(stem.length - 1)
  return { en: `${title.en} ${end}`, ru: `${title.ru} ${end}` }
}
