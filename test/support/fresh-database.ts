// Further databases on the server of a test run, for tests in Node.
import pg from 'pg'
import { ownDatabase } from '#test/databases.ts'

/** An empty one, whose name no other test has. Returns its owner's URL. */
export async function createDatabase(name: string): Promise<string> {
  const { ownerUrl } = ownDatabase()
  const own = `${name}_${process.env['VITEST_POOL_ID']}`
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query(`drop database if exists ${own}`)
  await owner.query(`create database ${own}`)
  await owner.end()
  return Object.assign(new URL(ownerUrl), { pathname: `/${own}` }).href
}
