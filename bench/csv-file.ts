// Files of sales as a till writes them, of any size: written by a formula, so that two of them are the same.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const HEADER = 'Номер операции;Дата и время;Сумма;Тип операции;Клиент;Телефон;Номер карты;Комментарий\n'
const NAMES = ['Анна Белова', '"ООО ""Ромашка"""', 'Пётр Орлов', '"Кафе; второй этаж"', '', 'Мария Кедрова']
const WRITTEN_AT_ONCE = 5000

function row(n: number): string {
  const day = `${String((n % 28) + 1).padStart(2, '0')}.${String((n % 12) + 1).padStart(2, '0')}.2024`
  const time = `${String(n % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:${String((n * 7) % 60).padStart(2, '0')}`
  const sum = `${(n * 37) % 10_000}.${String(n % 100).padStart(2, '0')}`
  const phone = n % 3 === 0 ? '' : `+7900${String((n * 7919) % 10_000_000).padStart(7, '0')}`
  const card = n % 5 === 0 ? String(100_000 + (n % 50_000)) : ''
  return `${n};${day} ${time};${sum};Приход;${NAMES[n % NAMES.length]};${phone};${card};\n`
}

/** Rows up to a size or a number; how many there are. */
export async function writeSales(
  path: string,
  until: { readonly bytes?: number; readonly rows?: number },
): Promise<number> {
  const { bytes = Infinity, rows = Infinity } = until
  const file = createWriteStream(path)
  file.write(HEADER)
  let count = 0
  for (let size = 0; size < bytes && count < rows;) {
    const most = Math.min(WRITTEN_AT_ONCE, rows - count)
    const text = Array.from({ length: most }, (_, index) => row(count + index)).join('')
    count += most
    size += Buffer.byteLength(text)
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
  return count
}
