// A real Chromium from npm: nothing has to be installed on the machine.
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as browsers } from 'playwright-core'

export async function openBrowser(): Promise<Browser> {
  // One process for all ends with its first context.
  const args = chromium.args.filter((arg) => arg !== '--single-process')
  const executablePath = await chromium.executablePath()
  // One font and one language of its own controls, whatever the machine has.
  const own = { FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf'), LANG: 'en_US.UTF-8', LANGUAGE: 'en_US' }
  const env = { ...process.env, ...own }
  return browsers.launch({ executablePath, args, headless: true, env })
}
