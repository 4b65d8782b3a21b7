import { describe, expect, it } from 'vitest'
import { CONNECTORS } from '#crm/registry.ts'

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
