import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { type Postgres, startPostgres } from '#dev/postgres.ts'

const folders: string[] = []
const running: Postgres[] = []

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'crm-integrations-pg-'))
  folders.push(made)
  return made
}

async function start(directory: string): Promise<Postgres> {
  const server = await startPostgres({ directory, durable: false })
  running.push(server)
  return server
}

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: query, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

describe('the embedded PostgreSQL', () => {
  it('speaks UTF-8, keeps its data over a stop and asks for its password', async () => {
    const directory = folder()
    const first = await start(directory)
    expect(await ask(first.url, 'show server_encoding')).toEqual([['UTF8']])
    await ask(first.url, "create table kept as select 'Студия' as name")
    await first.stop()
    const second = await start(directory)
    expect(await ask(second.url, 'select name from kept')).toEqual([['Студия']])
    const wrong = new URL(second.url)
    wrong.password = 'wrong'
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password/)
  })

  it('works under a folder that nobody else may enter', async () => {
    const closed = join(folder(), 'closed')
    mkdirSync(closed, { mode: 0o700 })
    chmodSync(closed, 0o700)
    const { url } = await start(join(closed, 'deep'))
    expect(await ask(url, 'select 1')).toEqual([[1]])
  })

  it('stops a server left over in its folder, and no other process', async () => {
    const directory = folder()
    const orphan = await start(directory)
    const next = await start(directory)
    await orphan.exited
    expect(await ask(next.url, 'select 1')).toEqual([[1]])
    expect(next.pid).not.toBe(orphan.pid)
  })

  it('is not held up by the pid file of a server that was killed', async () => {
    const directory = folder()
    const { stop } = await start(directory)
    await stop()
    // The pid now belongs to somebody else: to this very process.
    writeFileSync(join(directory, 'data', 'postmaster.pid'), `${process.pid}\n${join(directory, 'data')}\n`)
    const { url } = await start(directory)
    expect(await ask(url, 'select 1')).toEqual([[1]])
  })

  it('makes its cluster anew when the first try was cut off', async () => {
    const directory = folder()
    mkdirSync(join(directory, 'data', 'base'), { recursive: true })
    const { url } = await start(directory)
    expect(await ask(url, 'select 1')).toEqual([[1]])
    expect(existsSync(join(directory, 'data', 'PG_VERSION'))).toBe(true)
  })
})
