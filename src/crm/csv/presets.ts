// Common exports as data: what their headers mean where their words alone do not say it.
import type { Preset } from '#crm/csv/formats.ts'

export const PRESETS: readonly Preset[] = []
