// The owner's way from the link to sales that arrive by themselves.
import * as z from 'zod'
import type { Owner } from '#chaos/page/owner.ts'
import type { Service } from '#chaos/page/service.ts'
import type { Books, Vendor } from '#chaos/page/vendors.ts'

const Text = z.object({ en: z.string(), ru: z.string() })
const CrmTypes = z.object({
  items: z.array(
    z.object({
      ...{ crmType: z.string(), title: z.string() },
      apiUrl: z.object({ required: z.boolean(), label: Text }),
      credentials: z.array(z.object({ name: z.string(), label: Text })),
      settings: z.array(z.object({ name: z.string(), title: Text })),
    }),
  ),
})
export type CrmTypeText = z.infer<typeof CrmTypes>['items'][number]

/** What the page calls a CRM and its fields. */
export async function readCrmType({ url, adminToken }: Service, { crmType }: Vendor): Promise<CrmTypeText> {
  const answer = await fetch(`${url}/v1/crm-types`, { headers: { authorization: `Bearer ${adminToken}` } })
  const found = CrmTypes.parse(await answer.json()).items.find((one) => one.crmType === crmType)
  if (!found) throw new Error(`no CRM ${crmType}`)
  return found
}

export async function chooseCrm(owner: Owner, { title }: CrmTypeText): Promise<void> {
  await owner.heading('choose').waitFor()
  await owner.page.getByRole('listitem').filter({ hasText: title }).getByRole('link').click()
}

/** `spoilt`: by its name in the API, what is typed instead of the right thing. */
export async function fillForm(
  { page, language, w, button }: Owner,
  { sandbox, url }: Vendor,
  { credentials, settings, apiUrl }: CrmTypeText,
  spoilt: Readonly<Record<string, string>> = {},
): Promise<void> {
  await button('test')
    .or(page.getByText(w('ownKeys')))
    .first()
    .waitFor()
  if (!(await button('test').isVisible())) await page.getByText(w('ownKeys'), { exact: true }).click()
  await page.getByText(w('more'), { exact: true }).click()
  const { credentials: keys, additionalConfig } = sandbox.connection
  const wanted: Readonly<Record<string, unknown>> = {
    ...{ ...keys, ...additionalConfig, ...sandbox.addressed?.(url), apiUrl: url },
    ...spoilt,
  }
  const fields = [
    ...credentials.map(({ name, label }) => ({ name, label })),
    ...settings.map(({ name, title }) => ({ name, label: title })),
    { name: 'apiUrl', label: apiUrl.label },
  ]
  for (const { name, label } of fields) {
    const value = wanted[name]
    if (typeof value === 'string' || typeof value === 'number') await fieldOf(page, label[language]).fill(String(value))
  }
}

/** Behind its label the page may say whether it is needed. */
function fieldOf(page: Owner['page'], label: string) {
  return page
    .getByRole('textbox', { name: startOf(label) })
    .or(page.getByLabel(startOf(label)))
    .first()
}

function startOf(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}(?: |$)`)
}

/** From the form's button to the first screen, with the sales that the test shows. */
export async function testAndSwitchOn({ heading, button }: Owner): Promise<void> {
  await heading('testTitle').waitFor()
  await heading('samples').waitFor()
  await button('switchOn').click()
  await heading('home').waitFor()
}

/** On the screen that asks for new credentials: gives what is needed, until it works again. */
export async function givesAnew(
  { page, language, button, w }: Owner,
  { credentials }: Pick<CrmTypeText, 'credentials'>,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { name, label } of credentials) {
    const value = values[name]
    if (value !== undefined) await page.getByLabel(label[language]).first().fill(value)
  }
  await button('saveAccess').click()
  await page.getByText(w('connectedAgain'), { exact: true }).waitFor()
}

export async function allowConsent({ page, button }: Owner): Promise<void> {
  await button('consent').click()
  await page.getByRole('button', { name: 'Разрешить' }).click()
}

/** iiko's cloud takes a call every two seconds, and its first sync has many. */
const SYNCED_MS = 300_000

/** Null once the screen Sales shows what the vendor's books say was paid; else what it showed at last. */
export async function salesShown(owner: Owner, books: () => Promise<Books>): Promise<string | null> {
  const { page, w, button, go } = owner
  await go('sales')
  const deadline = Date.now() + SYNCED_MS
  for (;;) {
    await button('quarter').click()
    const net = page
      .getByRole('region', { name: w('totals') })
      .getByRole('definition')
      .first()
    const shown = minorOf(await net.innerText())
    const { amountMinor } = await books()
    if (shown === amountMinor) return null
    if (Date.now() > deadline) return `${w('received')}: ${shown}, by the books ${amountMinor}`
    await page.reload()
    await owner.heading('sales').waitFor()
  }
}

/** `−1 234,50 ₽` in minor units. */
function minorOf(text: string): number {
  const digits = text.replaceAll(/[^\d,.−-]/g, '').replace('−', '-')
  const [whole = '', part = ''] = /[.,]\d{2}$/.test(digits) ? digits.split(/[.,](?=\d{2}$)/) : [digits]
  return Number(`${whole.replaceAll(/[.,]/g, '')}${part.padEnd(2, '0')}`)
}
