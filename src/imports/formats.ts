// Formats: how files with certain columns are read, as a person settled it once. They change neither the integration's
// settings nor its connection.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import type { Format } from '#crm/files.ts'
import type { Imports } from '#crm/imports.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { isoInstant } from '#db/columns.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import { lockVisible } from '#db/tenant.ts'
import type { Target } from '#imports/target.ts'
import { Problem } from '#lib/errors.ts'

/** Each is compared with every file. A business has a few tills and banks: fifty is ten times that. */
const FORMATS_MAX = 50

/** All of them are read with every file. The names of 300 columns and as many answers take half of it. */
export const FORMAT_BYTES_MAX = 64 * 1024

export const FormatName = z
  .string()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')
  .regex(/^\P{Cc}*$/u, 'must not hold control characters')
  .meta({ description: 'The name under which the format is saved: 1 to 100 characters.' })

export const PutFormat = z
  // What each connector that takes files accepts.
  .union(CONNECTORS.flatMap(({ imports }) => (imports ? [imports.format] : [])))
  .meta({
    id: 'PutFormat',
    description: 'Any settings of `additionalConfig`, the `header` by which a file is known again, and `answers`.',
  })

export const SavedFormat = z
  .looseObject({
    name: z.string().meta({ description: 'The name that it was saved under.' }),
    header: z.array(z.string()).meta({ description: 'A file with these columns, in any order, has this format.' }),
    answers: z.array(z.string()).meta({ description: 'Ids of choices, as `doubts` have them.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was first saved.' }),
    updatedAt: z.iso.datetime().meta({ description: 'When it was last saved.' }),
  })
  .meta({ id: 'Format', description: 'Beside these members it has the settings that were saved with it.' })
export type SavedFormat = z.infer<typeof SavedFormat>

export const ListFormats = Paging
type ListFormats = Paging

type FormatBody = z.output<Imports<unknown, unknown>['format']>

interface FormatRow extends Format, Record<string, unknown> {
  readonly id: string | null
  readonly created_at: string
  readonly updated_at: string
}

const COLUMNS = sql.raw('f.name as id, f.name, f.header, f.settings, f.answers, f.created_at, f.updated_at')
const newest = keyset({ updated_at: [sql`f.updated_at`, 'timestamptz'], name: [sql`f.name`, 'text'] })

/** The one that was changed last comes first. */
export async function listFormats(
  context: Context,
  { row }: Target,
  paging: ListFormats,
): Promise<Page<SavedFormat> | null> {
  const { isAfter, order, limit, toPage } = newest(paging)
  const rows = await listOfIntegration<FormatRow>(
    context.db,
    { integrationId: row.id, tenant: null },
    { ...{ table: 'import_formats', alias: 'f', columns: COLUMNS }, ...{ where: isAfter, order, limit } },
  )
  if (!rows) return null
  const { items, nextCursor } = toPage(rows)
  return { items: items.map(present), nextCursor }
}

/** Null: no such format. */
export async function getFormat(context: Context, { row }: Target, name: string): Promise<SavedFormat | null> {
  const { rows } = await context.db.execute<FormatRow>(sql`
    select ${COLUMNS} from import_formats f where f.integration_id = ${row.id}::uuid and f.name = ${name}`)
  return rows[0] ? present(rows[0]) : null
}

/** Creates or replaces. Null: the integration is gone. Throws Problem `too_many_formats`, `body_too_large`. */
export async function putFormat(
  context: Context,
  { row }: Target,
  { name, header, settings, answers }: Format,
): Promise<{ readonly format: SavedFormat; readonly isNew: boolean } | null> {
  const [headerJson, settingsJson, answersJson] = [header, settings, answers].map((part) => JSON.stringify(part))
  const bytes = new TextEncoder().encode(`${headerJson}${settingsJson}${answersJson}`).byteLength
  if (bytes > FORMAT_BYTES_MAX) {
    throw new Problem('body_too_large', {
      detail: {
        en: `A format may have ${FORMAT_BYTES_MAX} bytes at most.`,
        ru: `Формат может занимать не более ${FORMAT_BYTES_MAX} байт.`,
      },
    })
  }
  const [locked, saved] = await context.db.batch([
    context.db.execute(lockVisible({ integrationId: row.id, tenant: null })),
    context.db.execute<FormatRow & { is_new: boolean }>(sql`
      with saved as (
      insert into import_formats as f (integration_id, name, header, settings, answers)
      select i.id, ${name}, ${headerJson}::jsonb, ${settingsJson}::jsonb, ${answersJson}::jsonb
      from crm_integrations i where i.id = ${row.id}::uuid and (
        exists (select from import_formats o where o.integration_id = i.id and o.name = ${name})
        or (select count(*) from import_formats o where o.integration_id = i.id) < ${FORMATS_MAX}::int)
      on conflict (integration_id, name) do update set header = excluded.header, settings = excluded.settings,
        answers = excluded.answers, updated_at = now()
      returning f.*, (xmax = 0) as is_new
      ), audited as (${auditLines(
        context,
        { action: 'format.saved', changes: Object.keys(settings) },
        ofIntegrationsIn('saved'),
      )})
      select ${COLUMNS}, is_new from saved f`),
  ])
  if (locked.rows.length === 0) return null
  const [stored] = saved.rows
  if (!stored) {
    throw new Problem('too_many_formats', {
      detail: {
        en: `${FORMATS_MAX} formats are saved already: delete one of them.`,
        ru: `Уже сохранено форматов: ${FORMATS_MAX}. Удалите один из них.`,
      },
    })
  }
  return { format: present(stored), isNew: stored.is_new }
}

/** The body of a format as it is kept. */
export function toFormat(name: string, { header = [], answers = [], ...settings }: FormatBody): Format {
  return { name, header, settings, answers }
}

/** False: no such format. */
export async function deleteFormat(context: Context, { row }: Target, name: string): Promise<boolean> {
  const { rows } = await context.db.execute(sql`
    with gone as (
      delete from import_formats where integration_id = ${row.id}::uuid and name = ${name} returning integration_id
    ), audited as (${auditLines(context, { action: 'format.deleted' }, ofIntegrationsIn('gone'))})
    select from gone`)
  return rows.length > 0
}

function present({ name, header, answers, settings, created_at, updated_at }: FormatRow): SavedFormat {
  return {
    ...settings,
    ...{ name, header: [...header], answers: [...answers] },
    ...{ createdAt: isoInstant(created_at), updatedAt: isoInstant(updated_at) },
  }
}
