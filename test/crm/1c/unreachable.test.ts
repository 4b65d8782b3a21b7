// A base that cannot be reached is told from one that answers wrong: who has to mend it is somebody else.
import { expect, it } from 'vitest'
import type { LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { MESSAGES } from '#crm/1c/messages.ts'
import { refusal } from '#crm/1c/refusal.ts'

function textOf(status: number): LocalizedText {
  const response = { status, headers: new Headers(), text: `error code: ${status}`, json: () => ({}) }
  return describeError(refusal(response, 'Document_ЧекККМ'), MESSAGES)
}

it.each([521, 522, 523, 530])('says what a base on the internet needs when %d tells that there is none', (status) => {
  const { en, ru } = textOf(status)
  for (const word of ['local network', '443', 'certificate']) expect(en).toContain(word)
  for (const word of ['локальной сети', '443', 'сертификат']) expect(ru).toContain(word)
})

it.each([525, 526])('names the certificate when %d tells that it is not valid', (status) => {
  expect(textOf(status).en).toMatch(/^The certificate of the 1C server is not valid/)
  expect(textOf(status).ru).toMatch(/^Сертификат сервера 1С недействителен/)
})

it('has a text of its own for a broken connection and for a late answer', () => {
  for (const reason of ['connection', 'timeout']) {
    const { en, ru } = describeError({ kind: 'unavailable', reason, params: {} }, MESSAGES)
    expect([en, ru]).toEqual([expect.stringContaining('1C server'), expect.stringContaining('1С')])
  }
})
