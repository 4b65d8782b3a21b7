import { describe, expect, it } from 'vitest'
import { CONNECTORS, CREDENTIAL_NAMES } from '#crm/registry.ts'

describe('a connector', () => {
  it.each(CONNECTORS.map((connector) => [connector.type, connector] as const))(
    'says of webhooks what it can do: %s',
    (_, { capabilities, webhook }) => expect(capabilities.webhooks).toBe(webhook !== undefined),
  )

  it.each(CONNECTORS.flatMap(({ type, webhook }) => (webhook ? [[type, webhook] as const] : [])))(
    'tells in both languages how a person sets its webhooks up, with all that has to be entered: %s',
    (_, webhook) => {
      const { steps } = webhook
      expect(steps.en).toMatch(/^[A-Z][^а-яё]*\{url\}/)
      expect(steps.ru).toMatch(/[а-яё].*\{url\}/)
      const isVerified = 'verify' in webhook
      const [en, ru] = [steps.en, steps.ru].map((text) => text.includes('{secret}'))
      expect([en, ru]).toEqual([isVerified, isVerified])
    },
  )
})

describe('the name of a credential', () => {
  it('means the same stored secret with every connector', () => {
    const fields = CONNECTORS.flatMap(({ credentials }) => credentials)
    for (const { name, publicName = name } of fields) expect(CREDENTIAL_NAMES.get(publicName)).toBe(name)
    expect(new Set(CREDENTIAL_NAMES.values()).size).toBe(CREDENTIAL_NAMES.size)
  })

  it('of a server beside the vendor’s is one of its connector', () => {
    for (const { credentials, server } of CONNECTORS) {
      if (server) expect(credentials.map(({ name }) => name)).toContain(server.credential)
    }
  })
})
