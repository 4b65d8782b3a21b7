import { describe, expect, it } from 'vitest'
import { describeError, type NextTry } from '#crm/messages.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { CRM_ERROR_KINDS } from '#lib/crm-error.ts'

const NEXT: readonly NextTry[] = [
  { when: 'wait', seconds: 120 },
  ...(['schedule', 'manual', 'stopped', 'confirmed'] as const).map((when) => ({ when })),
]
const error = (kind: (typeof CRM_ERROR_KINDS)[number], reason: string | null = null) => ({ kind, reason, params: {} })

describe('what a person reads', () => {
  it.each(CRM_ERROR_KINDS)('has sentences in both languages for %s, whatever comes next', (kind) => {
    for (const next of [null, ...NEXT]) {
      const { en, ru } = describeError(error(kind), {}, next)
      expect(en).toMatch(/^[A-Z].*\.$/)
      expect(ru).toMatch(/[А-Яа-яё].*\.$/)
    }
  })

  it.each(CONNECTORS.flatMap(({ type, messages }) => Object.keys(messages).map((reason) => [type, reason] as const)))(
    'has both languages for %s: %s, and fills what it names',
    (type, reason) => {
      const own = CONNECTORS.find((connector) => connector.type === type)?.messages ?? {}
      const names = [...`${own[reason]?.en} ${own[reason]?.ru}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const params = Object.fromEntries(names.map((name) => [name, 'ЗНАЧЕНИЕ']))
      const { en, ru } = describeError({ kind: 'rejected', reason, params }, own)
      expect(`${en}${ru}`).not.toMatch(/[{}]/)
      expect(en).not.toEqual(describeError(error('rejected'), {}).en)
      expect(ru).toMatch(/[А-Яа-яё]/)
    },
  )

  it('tells when the next try is, in units a person uses', () => {
    const waits = [5, 89, 120, 600, 7200, 80_000].map(
      (seconds) => describeError(error('unavailable'), {}, { when: 'wait', seconds }).ru,
    )
    expect(waits.map((text) => /через (.*)\.$/.exec(text)?.[1])).toEqual([
      '5 с',
      '89 с',
      '2 мин',
      '10 мин',
      '2 ч',
      '22 ч',
    ])
  })

  it('falls back to the kind for a cause that nobody knows', () => {
    expect(describeError(error('auth', 'unheard_of'), {})).toEqual(describeError(error('auth'), {}))
  })
})
