// Columns whose headers nobody knows: their words say that they are kinds or statuses.
import { expect, it } from 'vitest'
import { previewFile, readFile } from '#test/csv.ts'

const storedOf = async (header: string, words: readonly string[]) => {
  const rows = words.map((word, n) => `T${n};0${n + 1}.03.2024 09:14;100;${word}`)
  const { sales } = await readFile(`ID операции;Дата;Сумма;${header}\n${rows.join('\n')}\n`)
  return sales.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1)).map(({ kind, status }) => `${kind} ${status}`)
}

it.each([
  ['Flurb', ['Sale', 'Refund', 'Sale'], ['sale paid', 'refund paid', 'sale paid']],
  ['Фырг', ['Приход', 'Возврат прихода', 'Приход'], ['sale paid', 'refund paid', 'sale paid']],
  ['Flurb', ['Completed', 'Declined', 'Completed'], ['sale paid', 'sale cancelled', 'sale paid']],
  ['Фырг', ['Оплачено', 'Отменено', ''], ['sale paid', 'sale cancelled', 'sale paid']],
])('“%s” with %j is one', async (header, words, expected) => expect(await storedOf(header, words)).toEqual(expected))

it.each([
  ['Flurb', ['Sale', 'Refund', 'Whatever']],
  ['Flurb', ['Новый', 'Новый', 'Новый']],
  ['Flurb', ['Да', 'Нет', 'Да']],
  ['Flurb', ['Карта', 'Наличные', 'Карта']],
])('“%s” with %j is none', async (header, words) =>
  expect(await storedOf(header, words)).toEqual(['sale paid', 'sale paid', 'sale paid']),
)

it('is asked about where another column says the contrary', async () => {
  const rows = '1;02.03.2024;5;Оплачен;Completed\n2;03.03.2024;7;Оплачен;Declined\n'
  const { doubts } = await previewFile(`ID операции;Дата;Сумма;Статус;Flurb\n${rows}`)
  expect(doubts.map(({ code, columns }) => [code, columns])).toEqual([['status_rivals', ['Статус', 'Flurb']]])
})
