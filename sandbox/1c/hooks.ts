// What a customer's developer has added to the base: every change of a receipt is pushed, in one of the forms that our
// guide allows or that developers write anyway. Which form it is depends on the version only.
import type { OneCSandbox } from '#sandbox/1c/state.ts'
import type { Row } from '#sandbox/1c/filter.ts'
import { setOf } from '#sandbox/1c/ledger.ts'
import type { Receipt, ShopEvent } from '#sandbox/1c/shop.ts'
import { type Configuration, document, FORMS } from '#sandbox/1c/wire.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

interface Pushed {
  readonly event: ShopEvent
  readonly receipt: Receipt
  readonly entity: string
  readonly row: Row
}

interface Push {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** From now on every change of a receipt goes to the address that was entered, with the secret where one was. */
export function sendHooks({ shop, hooks, push }: OneCSandbox, configuration: Configuration, zone: string): void {
  shop.listeners.push((event, receipt) => {
    if (push.url === null) return
    const row = document(receipt, FORMS[configuration], zone)
    const form = PUSHES[receipt.version % PUSHES.length]
    const made = form?.({ event, receipt, entity: setOf(receipt, configuration), row }, push.secret ?? '')
    if (!made) return
    const { 'content-type': contentType = JSON_TYPE, ...secrets } = made.headers
    const headers = { 'content-type': contentType, ...(push.secret !== null && secrets) }
    hooks.send({ url: push.url, headers, body: made.body })
  })
}

const PUSHES: readonly ((pushed: Pushed, secret: string) => Push)[] = [
  // As in our guide.
  ({ event, entity, receipt: { id } }, secret) => ({
    headers: { 'x-hook-token': secret },
    body: JSON.stringify([{ event, entity, ref_key: id }]),
  }),
  // With the object, by the user and the password of HTTPСоединение, and a byte order mark as 1C writes one unasked.
  ({ event, entity, receipt: { id }, row }, secret) => ({
    headers: { authorization: `Basic ${btoa(`1c:${secret}`)}` },
    body: `\uFEFF${JSON.stringify({ event, entity, ref_key: id, data_version: row['DataVersion'], object: row })}`,
  }),
  // By the names that 1C itself has for things.
  ({ event, entity, receipt: { id }, row }, secret) => ({
    headers: { 'content-type': 'text/plain', authorization: `Bearer ${secret}` },
    body: JSON.stringify({
      ...{ event, entity: entity.replace('Document_', 'Документ.'), Ссылка: `{${id.toUpperCase()}}` },
      object: { Проведен: row['Posted'] === true ? 'Истина' : 'Ложь', Дата: row['Date'] },
    }),
  }),
]
