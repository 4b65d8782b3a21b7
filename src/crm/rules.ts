// Why a record counts as it does. Each connector has a table of its rules, and its mapping takes the status from the
// rule that it applies: so what a person is told is what decided.
import type { AppliedRule, CanonicalTransaction, LocalizedText, NoRecord } from '#crm/contract.ts'
import { fill } from '#crm/messages.ts'

type Status = CanonicalTransaction['status']

export interface Rule {
  /**
   * What a record is by it. `skipped`: it is shown and is no sale. `unknown`: it is not shown, so what is stored of it
   * stays.
   */
  readonly outcome: Status | 'skipped' | 'unknown'
  /** A clause without a full stop. `{name}` is a value of the applied rule. */
  readonly text: LocalizedText
}

export type Rules = Readonly<Record<string, Rule>>

type CodeOf<R extends Rules, Outcome> = {
  [Code in keyof R]: R[Code]['outcome'] extends Outcome ? Code : never
}[keyof R] &
  string

/** A status and what decided it. */
export interface Decision {
  readonly status: Status
  readonly rule: AppliedRule
}

type Params = AppliedRule['params']

/** The two ways in which a mapping applies the rules of its connector. */
export function applying<const R extends Rules>(rules: R) {
  const applied = (code: string, params: Params): AppliedRule => (params ? { code, params } : { code })
  return {
    decide: (code: CodeOf<R, Status>, params?: Params): Decision => {
      const rule: Rule | undefined = rules[code]
      if (!rule || rule.outcome === 'skipped' || rule.outcome === 'unknown') throw new Error(`no status by ${code}`)
      return { status: rule.outcome, rule: applied(code, params) }
    },
    none: (code: CodeOf<R, 'skipped' | 'unknown'>, params?: Params): NoRecord => ({
      type: 'none',
      rule: applied(code, params),
    }),
  }
}

/** Those that all connectors share. */
export const COMMON_RULES = {
  gone: {
    outcome: 'cancelled',
    text: { en: 'the CRM has no such record, or has it no longer', ru: 'такой записи в CRM нет или больше нет' },
  },
  unreadable: {
    outcome: 'unknown',
    text: { en: 'the record cannot be read', ru: 'запись не удаётся разобрать' },
  },
  foreign_id: {
    outcome: 'unknown',
    text: {
      en: 'no record of this CRM has an id of this form; ids look like {example}',
      ru: 'у записей этой CRM не бывает таких номеров; номер выглядит так: {example}',
    },
  },
} as const satisfies Rules

export const { none: noneByCommon } = applying(COMMON_RULES)

/** Throws when nobody knows the rule: a mapping applied one that its connector does not have. */
export function ruleOf(own: Rules, code: string): Rule {
  const common: Rules = COMMON_RULES
  const rule = own[code] ?? common[code]
  if (!rule) throw new Error(`an unknown rule: ${code}`)
  return rule
}

/** The sentence of an applied rule in both languages. */
export function describeRule(own: Rules, { code, params = {} }: AppliedRule): LocalizedText {
  const { text } = ruleOf(own, code)
  return { en: fill(text.en, params), ru: fill(text.ru, params) }
}
