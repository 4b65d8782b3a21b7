// Uploads in parts that are under way. A script that opens them and forgets them would fill the bucket with parts that
// nobody sees, so an integration has a bounded number of them, and what did not become a run within a day is deleted.
import { and, eq, sql } from 'drizzle-orm'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { fileKey } from '#connections/file-store.ts'
import { openUploads } from '#db/schema/open-uploads.ts'
import { lockVisible } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'

/** A person sends one or two files at once. Each may have parts of up to the limit of a file. Chosen, not measured. */
const OPEN_MAX = 20
const OPEN_DAYS = 1
const RETRY_SECONDS = '60'
/** Aborting takes a call each, and the clean-up has other work: what is left over is R2's own after a week. */
const ABORTED_MAX = 500

interface OpenUpload extends Record<string, unknown> {
  readonly integration_id: string
  readonly file_id: string
  readonly upload_id: string
  /** The file is its run's. */
  readonly has_run: boolean
}

const isOpen = sql`opened_at > now() - ${OPEN_DAYS}::int * interval '1 day'`

/** Throws Problem `too_many_requests`. */
export async function openMultipart(
  context: Context,
  integrationId: string,
  fileId: string,
): Promise<R2MultipartUpload> {
  const upload = await context.files.createMultipartUpload(fileKey(integrationId, fileId))
  const [, opened] = await context.db.batch([
    context.db.execute(lockVisible({ integrationId, tenant: null })),
    context.db.execute(sql`
      with opened as (
      insert into open_uploads (integration_id, file_id, upload_id)
      select i.id, ${fileId}::uuid, ${upload.uploadId} from crm_integrations i
      where i.id = ${integrationId}::uuid
        and (select count(*) from open_uploads where integration_id = i.id and ${isOpen}) < ${OPEN_MAX}::int
      returning integration_id
      ), audited as (${auditLines(context, { action: 'upload.opened' }, ofIntegrationsIn('opened'))})
      select from opened`),
  ])
  if (opened.rows.length > 0) return upload
  await upload.abort()
  throw new Problem('too_many_requests', {
    detail: {
      en: `${OPEN_MAX} uploads are open already: complete or abort one of them.`,
      ru: `Уже начато загрузок: ${OPEN_MAX}. Завершите или отмените одну из них.`,
    },
    headers: { 'retry-after': RETRY_SECONDS },
  })
}

/** Null: there is none, or its run has begun. */
export async function findUpload(
  context: Context,
  integrationId: string,
  fileId: string,
): Promise<R2MultipartUpload | null> {
  const [row] = await context.db
    .select({ uploadId: openUploads.uploadId })
    .from(openUploads)
    .where(and(eq(openUploads.integrationId, integrationId), eq(openUploads.fileId, fileId)))
  return row ? context.files.resumeMultipartUpload(fileKey(integrationId, fileId), row.uploadId) : null
}

/** Its run has begun, or it cannot become one. */
export async function closeUpload(context: Context, integrationId: string, fileId: string): Promise<void> {
  await context.db
    .delete(openUploads)
    .where(and(eq(openUploads.integrationId, integrationId), eq(openUploads.fileId, fileId)))
}

/** A person has aborted it. */
export async function closeAborted(context: Context, integrationId: string, fileId: string): Promise<void> {
  await context.db.execute(sql`
    with closed as (
      delete from open_uploads where integration_id = ${integrationId}::uuid and file_id = ${fileId}::uuid
      returning integration_id
    ) ${auditLines(context, { action: 'upload.aborted' }, ofIntegrationsIn('closed'))}`)
}

/** Forgets and aborts all of an integration. */
export async function abortUploads(context: Context, integrationId: string): Promise<void> {
  const { rows } = await context.db.execute<OpenUpload>(sql`
    delete from open_uploads where integration_id = ${integrationId}::uuid
    returning integration_id, file_id, upload_id, false as has_run`)
  for (const row of rows) await abort(context, row)
}

/** The nightly work. Returns how many were aborted. */
export async function abortOldUploads(context: Context): Promise<number> {
  const { rows } = await context.db.execute<OpenUpload>(sql`
    delete from open_uploads where ctid = any (array(
      select ctid from open_uploads where not (${isOpen}) order by opened_at limit ${ABORTED_MAX}::int))
    returning integration_id, file_id, upload_id, exists (select from sync_runs r where r.id = file_id) as has_run`)
  for (const row of rows) await abort(context, row)
  return rows.length
}

async function abort(context: Context, { integration_id, file_id, upload_id, has_run }: OpenUpload): Promise<void> {
  const key = fileKey(integration_id, file_id)
  try {
    await context.files.resumeMultipartUpload(key, upload_id).abort()
  } catch (error) {
    // It was completed, or R2 gave it up by itself.
    context.log.warn('upload_not_aborted', { error, integrationId: integration_id })
  }
  if (!has_run) await context.files.delete(key)
}
