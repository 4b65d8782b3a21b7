// An OData client that others wrote reads the sandbox, which keeps the sandbox honest. In its manner of version 2 it
// writes queries as 1C wants them; version 3 answers with a bare list, as its version 4 reads it.
import { EdmV2, OData } from '@odata/client'
import { expect, it } from 'vitest'
import { createOneCSandbox } from '#sandbox/1c.ts'

const UNTIL = new Date('2026-11-20T12:00:00Z')

interface Receipt {
  readonly Ref_Key: string
  readonly Date: string
  readonly Posted: boolean
  readonly СуммаДокумента: number
}

function connect() {
  const sandbox = createOneCSandbox({ demo: UNTIL, now: () => UNTIL })
  const { apiKey: username, apiSecret: password } = sandbox.credentials
  const asked: string[] = []
  const client = OData.New4({
    serviceEndpoint: 'http://127.0.0.1:9/odata/standard.odata/',
    credential: { username, password },
    fetchProxy: async (url, init) => {
      asked.push(url)
      const response = await sandbox.app.request(url, init as RequestInit)
      // Byte order marks are dropped by fetch's own decoder.
      const text = await response.text()
      return { response, content: JSON.parse(text) }
    },
  })
  const receipts = client.getEntitySet<Receipt>('Document_ЧекККМ')
  return { ...sandbox, client, receipts, asked }
}

it('reads the receipts of a period, sorted and in pages', async () => {
  const { client, receipts, shop } = connect()
  const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-11T00:00:00Z')]
  const wanted = [...shop.receipts.values()].filter(({ at }) => {
    // The base shows Moscow's clock, three hours ahead.
    const shown = at.getTime() + 3 * 3_600_000
    return shown >= from.getTime() && shown < to.getTime()
  })
  expect(wanted.length).toBeGreaterThan(20)
  const filter = client
    .newFilter()
    .field('Date')
    .ge(EdmV2.DateTime.from(from, false))
    .field('Date')
    .lt(EdmV2.DateTime.from(to, false))
  const pages = []
  for (let skip = 0; skip < wanted.length + 10; skip += 10) {
    const options = client
      .newOptions()
      .filter(filter)
      .orderby('Date', 'asc')
      .top(10)
      .skip(skip)
      .select(['Ref_Key', 'Date'])
    pages.push(...(await receipts.query(options)))
  }
  expect(pages.map(({ Ref_Key }) => Ref_Key).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted())
  expect(pages.map(({ Date: at }) => at)).toEqual(pages.map(({ Date: at }) => at).toSorted())
  expect(Object.keys(pages[0] ?? {})).toEqual(['Ref_Key', 'Date'])
})

it('reads one by its key, and the catalog element that it points at', async () => {
  const { client, receipts, shop } = connect()
  const receipt = [...shop.receipts.values()].find(({ card, posted }) => card?.owner && posted)
  const one = await receipts.retrieve(EdmV2.Guid.from(`guid'${receipt?.id}'`) as never)
  expect(one).toMatchObject({ Ref_Key: receipt?.id, Posted: true, СуммаДокумента: (receipt?.kopecks ?? 0) / 100 })
  const cards = client.getEntitySet<{ Ref_Key: string; КодКарты: string }>('Catalog_ИнформационныеКарты')
  const filter = client
    .newFilter()
    .field('Ref_Key')
    .eq(EdmV2.Guid.from(`guid'${receipt?.card?.id}'`))
  expect(await cards.query(client.newOptions().filter(filter))).toMatchObject([{ КодКарты: receipt?.card?.code }])
})

it('counts as the base counts, in text', async () => {
  const { client, asked, app, credentials } = connect()
  const receipts = client.getEntitySet<Receipt>('Document_ЧекККМ')
  await receipts.query(client.newOptions().top(1).custom('$inlinecount', 'allpages'))
  const authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${credentials.apiKey}:${credentials.apiSecret}`)))}`
  const headers = { accept: 'application/json', authorization }
  const body: Record<string, unknown> = JSON.parse(await (await app.request(asked[0] ?? '', { headers })).text())
  expect(body['odata.count']).toBe('320')
})
