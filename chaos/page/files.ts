// An owner whose sales come as files: with a doubt, a failure, an undo, and a network that goes while a file is sent.
import type { Browser } from 'playwright-core'
import { openOwner, type Owner } from '#chaos/page/owner.ts'
import { invite, type Service } from '#chaos/page/service.ts'
import type { Look } from '#chaos/page/way.ts'
import type { Language } from '#lib/localized.ts'

const RUN_MS = 120_000
/** The API takes larger files in parts. */
const LARGE_ROWS = 17_000

/** Of a till whose cashier wrote a word that nobody knows, and a sum in letters. */
const DOUBTFUL = [
  'Номер;Дата;Сумма;Статус;Клиент',
  '1;02.03.2026 10:00;100,50;Оплачено;Анна',
  '2;02.03.2026 11:00;200;Ушло коту;Пётр',
  '3;02.03.2026 12:00;двести;Оплачено;',
].join('\n')

interface File {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

function table(name: string, text: string): File {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(text) }
}

export async function openForFiles(browser: Browser, service: Service, language: Language): Promise<Owner> {
  const { url } = await invite(service, { name: 'Кофейня у дома', language, crmTypes: ['csv'] })
  const owner = await openOwner(browser, url, { language })
  await owner.heading('choose').waitFor()
  await owner.page.getByRole('listitem').getByRole('button').click()
  await owner.heading('files').waitFor()
  return owner
}

async function giveFile({ page, w }: Owner, file: File): Promise<void> {
  const button = page.getByRole('button', { name: w('chooseFile') })
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button.click()])
  await chooser.setFiles(file)
}

/** Answers by the last choice, “this column says nothing”, and imports. */
async function answerAndImport(owner: Owner, look: Look): Promise<void> {
  const { page, heading, button } = owner
  await heading('questions').waitFor()
  await look(owner, 'questions')
  await page.getByRole('radio').last().check()
  await button('answers').click()
  await heading('found').waitFor()
  await look(owner, 'preview')
  // A double click is one import.
  await button('import').dblclick()
  await page.getByText(owner.w('imported'), { exact: true }).first().waitFor({ timeout: RUN_MS })
}

/** What is wrong. Throws what the browser throws when something is not found. */
export async function importsFiles(owner: Owner, look: Look): Promise<string[]> {
  const { page, heading, button, w } = owner
  await look(owner, 'import')
  await giveFile(owner, table('Касса на Лесной.csv', DOUBTFUL))
  await answerAndImport(owner, look)
  await heading('rejectedRows').waitFor()
  await page
    .getByRole('cell', { name: /двести/ })
    .first()
    .waitFor()
  await look(owner, 'imported')
  const found: string[] = []
  const imports = await page.getByRole('table').last().getByRole('row').count()
  if (imports !== 2) found.push(`a double click made ${imports - 1} imports`)
  await button('undo').click()
  await page.getByText(w('cancels'), { exact: true }).waitFor()
  await look(owner, 'undo')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: w('undoYes'), exact: true })
    .click()
  await page.getByText(w('undone'), { exact: true }).first().waitFor({ timeout: RUN_MS })
  await button('otherFile').click()
  return found
}

/** A file that is none, and one whose every row is rejected: both say so, and nothing is stored. */
export async function failsInWords(owner: Owner): Promise<string[]> {
  const { page, button, w } = owner
  await giveFile(owner, table('report.csv', '%PDF-1.7'))
  await page
    .getByRole('alert')
    .filter({ hasText: w('notRead') })
    .filter({ hasText: 'PDF' })
    .waitFor()
  await giveFile(owner, table('wrong.csv', 'id,date,amount\n1,2026-03-02,10.1234\n2,2026-03-03,20.5678\n'))
  await button('import').click()
  await page
    .getByRole('alert')
    .filter({ hasText: w('importFailed') })
    .waitFor({ timeout: RUN_MS })
  await owner.heading('rejectedRows').waitFor()
  await button('otherFile').click()
  return []
}

/** The network goes in the middle of a large file, and then the page is closed: both times the same file goes on. */
export async function resumesUpload(owner: Owner): Promise<string[]> {
  const { page, button, w } = owner
  const row = (n: number) => `${n},2026-03-02 10:00,100,${'x'.repeat(1000)}\n`
  const rows = Array.from({ length: LARGE_ROWS }, (_, n) => row(n))
  const file = table('large.csv', `id,date,amount,comment\n${rows.join('')}`)
  const sent = new Set<string>()
  const again: string[] = []
  let isGone = true
  await page.route(/\/parts\/\d+$/, async (route) => {
    const part = /\d+$/.exec(route.request().url())?.[0] ?? ''
    if (part === '2' && isGone) return route.abort('connectionreset')
    if (sent.has(part)) again.push(part)
    sent.add(part)
    return route.continue()
  })
  await giveFile(owner, file)
  await button('import').click()
  await button('goOn').waitFor({ timeout: RUN_MS })
  await page.reload()
  await page.getByText(w('interrupted')).waitFor()
  isGone = false
  await giveFile(owner, file)
  await button('import').click()
  await page.getByText(w('imported'), { exact: true }).first().waitFor({ timeout: RUN_MS })
  await page.unroute(/\/parts\/\d+$/)
  return again.map((part) => `part ${part} of a file was sent twice`)
}
