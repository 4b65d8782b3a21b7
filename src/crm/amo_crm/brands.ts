// amoCRM is called Kommo abroad: the same API on other hosts, with registrations of its own.

interface Brand {
  readonly title: string
  readonly domains: readonly string[]
  /** The form of an account's address. */
  readonly example: string
}

export const BRANDS = {
  amocrm: { title: 'amoCRM', domains: ['amocrm.ru', 'amocrm.com'], example: 'https://company.amocrm.ru' },
  kommo: { title: 'Kommo', domains: ['kommo.com'], example: 'https://company.kommo.com' },
} as const satisfies Readonly<Record<string, Brand>>

export const DOMAINS: readonly string[] = Object.values(BRANDS).flatMap(({ domains }) => domains)

/** The shared host (www) is not an account. */
export const ACCOUNT_ORIGIN = new RegExp(
  String.raw`^https://(?!www\.)[a-z0-9-]{1,63}\.(?:${DOMAINS.map((domain) => domain.replaceAll('.', String.raw`\.`)).join('|')})$`,
)
