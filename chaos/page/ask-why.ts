// Somebody who misses a sale: from the sales to the answer why a record is not among them.
import type { Owner } from '#chaos/page/owner.ts'
import type { Look } from '#chaos/page/way.ts'

/** From the sales to the answer why a record is not among them. */
export async function asksWhy(owner: Owner, notPaid: string, look: Look): Promise<void> {
  const { page, go, button, w } = owner
  await go('sales')
  await page.getByRole('link', { name: w('findOutWhy') }).click()
  await page.getByLabel(w('numberInCrm')).fill(notPaid)
  await button('findOut').click()
  await page.getByText(w('notSale'), { exact: true }).waitFor()
  await look(owner, 'explain')
}
