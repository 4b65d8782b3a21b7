// The formats that people saved for the files of an integration.
import { eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Format } from '#crm/files.ts'
import { importFormats } from '#db/schema/import-formats.ts'

/** All of them, by name. */
export async function storedFormats({ db }: Pick<Context, 'db'>, integrationId: string): Promise<readonly Format[]> {
  const { name, header, settings, answers } = importFormats
  return db
    .select({ name, header, settings, answers })
    .from(importFormats)
    .where(eq(importFormats.integrationId, integrationId))
    .orderBy(name)
}
