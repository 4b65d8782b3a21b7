import type { CrmType } from '#web/crm/schema-fields.ts'

/** Letters that look the same in both alphabets: 1С is typed with either. */
const ALIKE: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  с: 'c',
  е: 'e',
  о: 'o',
  р: 'p',
  х: 'x',
  к: 'k',
  м: 'm',
  т: 't',
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll(/[авсеорхкмт]/g, (letter) => ALIKE[letter] ?? letter)
}

/** By name, or by what else it is called: brands, and the words of its guide. */
export function findTypes(types: readonly CrmType[], search: string): readonly CrmType[] {
  const wanted = plain(search)
  if (wanted === '') return types
  const named = types.filter(({ title }) => plain(title).includes(wanted))
  return named.length > 0 ? named : types.filter((type) => plain(wordsOf(type)).includes(wanted))
}

function wordsOf({ crmType, guide, settings }: CrmType): string {
  const titles = settings.map(({ title }) => `${title.en} ${title.ru}`)
  return [crmType, ...guide.en, ...guide.ru, ...titles].join(' ')
}
