// A real Chromium from npm: nothing has to be installed on the machine.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as browsers } from 'playwright-core'
import { writeWhole } from '#dev/write-whole.ts'

export async function openBrowser(): Promise<Browser> {
  // One process for all ends with its first context.
  const args = chromium.args.filter((arg) => arg !== '--single-process')
  const executablePath = await chromium.executablePath()
  const env = { ...process.env, FONTCONFIG_FILE: writeFontSettings() }
  return browsers.launch({ executablePath, args, headless: true, env })
}

/**
 * The package has a font beside the program: with it a page looks the same on every machine, but for the few signs that
 * it lacks.
 */
function writeFontSettings(): string {
  const [fonts, cache] = [join(tmpdir(), 'fonts'), join(tmpdir(), 'fonts-cache')]
  const prefer = (family: string) =>
    `<match target="pattern"><test name="family"><string>${family}</string></test>
     <edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit></match>`
  const file = join(tmpdir(), 'crm-integrations-fonts.conf')
  const content = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
    <dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${cache}</cachedir>
    ${['sans-serif', 'system-ui'].map(prefer).join('')}</fontconfig>`
  writeWhole(file, content)
  return file
}
