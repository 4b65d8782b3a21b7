// Logs one structured object per event, so that Workers Logs index its fields. Callers must not pass secrets or phone
// numbers; values are masked here all the same.
import { once } from '#lib/once.ts'

type Write = (event: string, fields?: Fields) => void

export interface Log {
  readonly info: Write
  readonly warn: Write
  readonly error: Write
  readonly child: (fields: Fields) => Log
}

type Fields = Readonly<Record<string, unknown>>
type Sink = Pick<Console, 'log' | 'warn' | 'error'>

const TEXT_MAX = 2000
const MASKS: readonly RegExp[] = [
  /eyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\b(?:Bearer|Basic|User)\s+[\w.~+/=-]+/gi,
  /\bpostgres(?:ql)?:\/\/\S+/gi,
  /(?<![\w-])\+?\d{10,15}(?![\w-])/g,
  // The parameters of a failed statement in Drizzle's message: bodies, names, hashes. The stack follows them.
  /\nparams: [^]*?(?=\n {4}at |$)/g,
]

export function createLog(base: Fields = {}, sink: Sink = console): Log {
  // Most requests of webhooks log nothing.
  const printableBase = once(() => printable(base))
  const write =
    (method: keyof Sink, level: string) =>
    (event: string, fields: Fields = {}) => {
      sink[method]({ level, event, ...printableBase(), ...printable(fields) })
    }
  return {
    info: write('log', 'info'),
    warn: write('warn', 'warn'),
    error: write('error', 'error'),
    child: (fields) => createLog({ ...base, ...fields }, sink),
  }
}

function printable(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, toPrintable(value)]))
}

function toPrintable(value: unknown): unknown {
  if (typeof value === 'string') return mask(value)
  if (value instanceof Error) return describe(value)
  if (typeof value === 'object' && value !== null) return mask(JSON.stringify(value) ?? '')
  return value
}

function describe(error: Error): Record<string, unknown> {
  const code = 'code' in error ? error.code : undefined
  const cause = error.cause instanceof Error ? describe(error.cause) : undefined
  return {
    name: error.name,
    message: mask(error.message),
    ...(typeof code === 'string' && { code }),
    ...(error.stack !== undefined && { stack: mask(error.stack) }),
    ...(cause && { cause }),
  }
}

/** One test that nearly every value passes; only the others are masked one pattern after the other. */
const ANY_MASK = new RegExp(MASKS.map(({ source }) => source).join('|'), 'i')

function mask(text: string): string {
  if (text.length <= TEXT_MAX && !ANY_MASK.test(text)) return text
  return MASKS.reduce((masked, pattern) => masked.replaceAll(pattern, '***'), text.slice(0, TEXT_MAX))
}
