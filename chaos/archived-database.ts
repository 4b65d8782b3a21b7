// A database whose server archives its log, as a backup needs it: a copy of its files, and all log since, restore it as
// it was at any time in between.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { watch } from '#bench/children.ts'
import { type Database, restart } from '#bench/database.ts'
import { freePort } from '#dev/free-port.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { startNeonProxy } from '#dev/neon-proxy.ts'
import { type Postgres, startPostgres } from '#dev/postgres.ts'

const WAIT_MS = 100
const TRIES_MAX = 600

export interface ArchivedDatabase extends Database {
  readonly backUp: () => Promise<void>
  readonly now: () => Promise<string>
  /** The server dies, and comes back as it was at that time; it is down for as long as `during` takes at least. */
  readonly restoreTo: (at: string, during: () => Promise<void>) => Promise<void>
}

export async function openArchivedDatabase(): Promise<ArchivedDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-restore-'))
  const home = join(directory, 'postgres')
  const [data, base, archive] = [join(home, 'data'), join(home, 'base'), join(home, 'archive')]
  const options = { directory: home, durable: true, port: await freePort() }
  const start = async (): Promise<Postgres> => {
    const started = await startPostgres(options)
    watch(started.pid, started.exited)
    return started
  }
  let postgres = await start()
  const { url } = postgres
  await ask(url, `alter system set archive_mode = 'on'`)
  await ask(url, `alter system set archive_command = 'mkdir -p ${archive} && cp %p ${archive}/%f'`)
  await postgres.stop()
  postgres = await start()
  await applyMigrations(url)
  const proxy = await startNeonProxy(url)
  const crash: Database['crash'] = async (during) => {
    await postgres.kill()
    await during?.()
    postgres = await restart(start)
  }
  return {
    ...{ directory, url, proxy, crash },
    backUp: async () => copyFiles(url, data, base),
    now: async () => ask(url, 'select clock_timestamp()::text as value'),
    restoreTo: async (at, during) => {
      await archiveAll(url)
      await crash(async () => {
        await during()
        renameSync(data, join(home, 'lost'))
        copy(base, data)
        const target = [`recovery_target_time = '${at}'`, `recovery_target_action = 'promote'`]
        const settings = [`restore_command = 'cp ${archive}/%f %p'`, ...target]
        appendFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`)
        writeFileSync(join(data, 'recovery.signal'), '')
      })
      await until(async () => (await ask(url, 'select pg_is_in_recovery()::text as value')) === 'false')
    },
    close: async () => {
      await proxy.close()
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** While the server runs: what changes meanwhile is in the log, and recovery puts it right. */
async function copyFiles(url: string, data: string, base: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('drill', true)`)
    copy(data, base)
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop()')
    writeFileSync(join(base, 'backup_label'), rows[0]?.label ?? '')
    rmSync(join(base, 'postmaster.pid'), { force: true })
  } finally {
    await client.end()
  }
}

/** With the owners of the files: the server may run as another user. Files that vanish meanwhile are no failure. */
function copy(from: string, to: string): void {
  spawnSync('cp', ['-a', from, to])
  if (!existsSync(join(to, 'PG_VERSION'))) throw new Error(`${from} was not copied`)
}

async function archiveAll(url: string): Promise<void> {
  const segment = await ask(url, 'select pg_walfile_name(pg_switch_wal()) as value')
  await until(async () => (await ask(url, 'select last_archived_wal as value from pg_stat_archiver')) >= segment)
}

async function ask(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<{ value: string }>(text)).rows[0]?.value ?? ''
  } finally {
    await client.end()
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; !(await isSo()); attempt += 1) {
    if (attempt === TRIES_MAX) throw new Error('the database did not come to it within a minute')
    await sleep(WAIT_MS)
  }
}
