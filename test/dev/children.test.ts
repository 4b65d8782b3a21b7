import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startReaper } from '#dev/children.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Living processes whose command line has the word. */
function running(word: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(word))
}

async function untilNone(word: string): Promise<string[]> {
  const deadline = Date.now() + 5000
  while (running(word).length > 0 && Date.now() < deadline) await sleep(50)
  return running(word)
}

describe('the processes of a start', () => {
  it.each([
    ['at the moment at which it starts them', ''],
    ['later', 'await new Promise((settle) => child.stdout.once("data", settle))\n'],
  ])('end with it when it is killed %s', async (_, wait) => {
    const word = `crm-integrations-${crypto.randomUUID()}`
    // The shell stays beside the one that it starts: both have to end.
    const script = `import { startReaper } from '#dev/children.ts'
      const child = startReaper().spawn('sh', ['-c', 'echo on; sleep 300; echo ${word}'], { cwd: '/', output: 'pipe' })
      ${wait}process.kill(process.pid, 'SIGKILL')`
    const start = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, stdio: 'ignore' })
    const [, signal] = await once(start, 'exit')
    expect(signal).toBe('SIGKILL')
    expect(await untilNone(word)).toEqual([])
  })

  it('end with its orderly stop, which starts no more', async () => {
    const children = startReaper()
    const word = `crm-integrations-${crypto.randomUUID()}`
    const child = children.spawn('sh', ['-c', `echo on; sleep 300; echo ${word}`], { cwd: '/', output: 'pipe' })
    if (child.stdout) await once(child.stdout, 'data')
    await children.stop()
    expect(running(word)).toEqual([])
    expect(() => children.spawn('sleep', ['1'], { cwd: '/', output: 'pipe' })).toThrow(/stopped/)
  })
})
