// Which settings and answers a file is read with: those of the integration, with the format that knows the file's
// header laid over them, and below them what is known of common exports.
import type { Format } from '#crm/files.ts'
import type { Given } from '#crm/imports.ts'
import { type Preset, PRESETS } from '#crm/csv/presets.ts'
import { FormatSettings, type Settings } from '#crm/csv/settings.ts'
import { normalizeHeader } from '#crm/csv/words.ts'

export interface Chosen {
  readonly settings: Settings
  readonly answers: readonly string[]
  /** Of the format or the preset. */
  readonly name: string | null
}

/** Headers are those that are shown. Null: they are not known yet. */
export function chooseFormat(
  headers: readonly string[] | null,
  { settings, formats, format }: Pick<Given<Settings>, 'settings' | 'formats' | 'format'>,
): Chosen {
  const names = new Set(headers?.map(normalizeHeader))
  const used = format ?? (headers && formats.find(({ header }) => isSame(new Set(header.map(normalizeHeader)), names)))
  const own = used ? laidOver(settings, used) : settings
  const answers = used?.answers ?? []
  const preset = headers && presetOf(names)
  if (!preset) return { settings: own, answers, name: used?.name ?? null }
  return { settings: laidUnder(own, preset), answers: [...preset.answers, ...answers], name: used?.name ?? preset.name }
}

function presetOf(names: ReadonlySet<string>): Preset | undefined {
  const has = (header: string) => names.has(normalizeHeader(header))
  return PRESETS.filter(({ header, not = [] }) => header.every(has) && !not.some(has)).toSorted(
    (a, b) => b.header.length - a.header.length,
  )[0]
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size > 0 && one.size === other.size && [...one].every((name) => other.has(name))
}

function partOf({ settings }: Format) {
  const { mapping = {}, header: _, answers: __, ...options } = FormatSettings.parse(settings)
  return { mapping, options }
}

function laidOver(settings: Settings, format: Format): Settings {
  const { mapping, options } = partOf(format)
  const { rows = settings.rows, ...others } = options
  return { ...settings, ...others, rows, mapping: { ...settings.mapping, ...mapping } }
}

function laidUnder(settings: Settings, preset: Preset): Settings {
  const { mapping, options } = partOf(preset)
  const { rows, ...own } = settings
  const named = { ...options, ...own, mapping: { ...mapping, ...own.mapping } }
  return { ...named, rows: rows === 'auto' ? (options.rows ?? rows) : rows }
}
