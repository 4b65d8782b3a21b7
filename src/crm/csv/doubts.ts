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
  /** The sentence, where it is not that of the code. */
  readonly text?: DoubtCode
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

/** An answer is kept in a format, which takes texts of a thousand characters. */
const ID_PART_MAX = 300

export function choiceId({ code, subject }: Question, { name }: Option): string {
  return [code, ...(subject === undefined ? [] : [subject]), name].map((part) => part.slice(0, ID_PART_MAX)).join(':')
}

/** A cell may be of any length. */
const SHOWN_MAX = 100

function shortened(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

export function messageOf({ code, text = code, columns, params: given = {} }: Question): LocalizedText {
  const { en, ru } = QUESTIONS[text]
  const params = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, shortened(value)] as const))
  return {
    en: fill(en, { ...params, columns: columns.map((column) => `“${shortened(column)}”`).join(', ') }),
    ru: fill(ru, { ...params, columns: columns.map((column) => `«${shortened(column)}»`).join(', ') }),
  }
}

export function optionOf(name: keyof typeof LABELS): Option {
  return { name, label: LABELS[name] }
}

/** Of more rivals than these the settings name one. */
const RIVALS_MAX = 7

/** The header that is chosen among rivals, of which the first is the likeliest. */
export function askHeader(asking: Asking, code: DoubtCode, headers: readonly [string, ...string[]]): string {
  const option = (name: string): Option => ({ name, label: { en: `“${shortened(name)}”`, ru: `«${shortened(name)}»` } })
  const [first, ...more] = headers
  const others = more.slice(0, RIVALS_MAX)
  return asking.ask({ code, columns: [first, ...others], options: [option(first), ...others.map(option)] })
}
