// Questions about a file. Whatever decides something about it asks here, with its options from the likeliest on: an
// answer that was given decides; without one the question is noted and the likeliest option stands, for the preview.
import type { LocalizedText } from '#crm/contract.ts'
import { fill } from '#crm/messages.ts'
import { LABELS, QUESTIONS } from '#crm/csv/doubt-texts.ts'

export type DoubtCode = keyof typeof QUESTIONS

export interface Option {
  readonly name: string
  readonly label: LocalizedText
}

export interface Question {
  readonly code: DoubtCode
  /** The header or the word that it is about, where one file may raise several of its kind. */
  readonly subject?: string
  readonly columns: readonly string[]
  readonly params?: Readonly<Record<string, string>>
  /** From the likeliest on. */
  readonly options: readonly [Option, ...Option[]]
}

export interface Asking {
  /** The name of the option that was answered, else of the first one. */
  readonly ask: (question: Question) => string
  readonly open: readonly Question[]
}

export function createAsking(answers: readonly string[]): Asking {
  const given = new Set(answers)
  const open = new Map<string, Question>()
  return {
    ask: (question) => {
      const [first] = question.options
      const answered = question.options.find((option) => given.has(choiceId(question, option)))
      if (!answered) open.set(choiceId(question, first), question)
      return (answered ?? first).name
    },
    get open() {
      return [...open.values()]
    },
  }
}

export function choiceId({ code, subject }: Question, { name }: Option): string {
  return [code, ...(subject === undefined ? [] : [subject]), name].join(':')
}

export function messageOf({ code, params = {} }: Question): LocalizedText {
  const { en, ru } = QUESTIONS[code]
  return { en: fill(en, params), ru: fill(ru, params) }
}

export function optionOf(name: keyof typeof LABELS): Option {
  return { name, label: LABELS[name] }
}

/** The header that is chosen among rivals, of which the first is the likeliest. */
export function askHeader(asking: Asking, code: DoubtCode, headers: readonly [string, ...string[]]): string {
  const option = (header: string): Option => ({ name: header, label: { en: `“${header}”`, ru: `«${header}»` } })
  const [first, ...others] = headers
  const params = { columns: headers.map((header) => `«${header}»`).join(', ') }
  return asking.ask({ code, columns: headers, params, options: [option(first), ...others.map(option)] })
}
