import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderError, openFolder, refuseFullDisk } from '#dev/folder.ts'
import { describeListenError, freePort, portProblem } from '#dev/free-port.ts'
import { SettingsError } from '#dev/settings.ts'

const home = mkdtempSync(join(tmpdir(), 'crm-integrations-folder-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const failure = (code: string) => Object.assign(new Error(code), { code })

describe('the folder of npm start', () => {
  it('is made, tried and left empty', async () => {
    const directory = join(home, 'new', 'deep')
    const { release } = await openFolder(directory)
    expect(readdirSync(directory)).toEqual([])
    release()
  })

  it('is one start’s at a time, by whatever name, and free again when that one ends', async () => {
    const [directory, link] = [join(home, 'locked'), join(home, 'link')]
    const { release } = await openFolder(directory)
    symlinkSync(directory, link)
    for (const name of [directory, link]) {
      await expect(openFolder(name)).rejects.toThrow(`another npm start (process ${process.pid}) works in ${name}.`)
    }
    release()
    const again = await openFolder(link)
    again.release()
  })

  it('may not be a file, or lie in one', async () => {
    const file = join(home, 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'deep')]) {
      const refusal = openFolder(path)
      await expect(refusal).rejects.toThrow(SettingsError)
      await expect(refusal).rejects.toThrow(`DEV_DIR: expected a folder, and ${path} is a file or lies in one.`)
    }
  })

  it('is refused with a sentence where nothing can be written', async () => {
    // Nobody may make files there.
    await expect(openFolder('/proc/crm-integrations')).rejects.toThrow(/^DEV_DIR: .*proc.* cannot be made/)
    await expect(openFolder('/sys/crm-integrations')).rejects.toThrow(/^DEV_DIR: .*sys.* DEV_DIR=\/tmp\/crm npm start$/)
    const sentences = ['EROFS', 'EACCES', 'ENOSPC'].map((code) => String(folderError('/srv/crm', failure(code))))
    expect(sentences).toEqual([
      expect.stringContaining('the disk of /srv/crm is read-only'),
      expect.stringContaining('this user may not write to /srv/crm'),
      expect.stringContaining('the disk of /srv/crm is full'),
    ])
    expect(folderError('/srv/crm', failure('EMFILE'))).not.toBeInstanceOf(SettingsError)
  })

  it('is refused where its disk has no room, and says how much it needs', () => {
    refuseFullDisk(home, 1)
    expect(() => refuseFullDisk(home, Infinity)).toThrow(/is full: \d+ MB are free, 200 MB are needed/)
  })
})

describe('the port of npm start', () => {
  it('is taken where it is free', async () => {
    const port = await freePort()
    expect(await portProblem(port)).toBeNull()
    // From there on connections get their local ends, and one of them may have it a moment later.
    expect(port).toBeLessThan(32_768)
  })

  it('is refused with a sentence of its own for each cause', () => {
    expect(describeListenError('EADDRINUSE', 80)).toMatch(/^PORT: something else listens on 80;/)
    expect(describeListenError('EACCES', 80)).toMatch(/^PORT: this user may not listen on 80;/)
    for (const code of ['EADDRNOTAVAIL', 'ENETUNREACH']) {
      expect(describeListenError(code, 80)).toMatch(/^This machine has no loopback network/)
    }
  })
})
