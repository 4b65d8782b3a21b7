// The texts of a screen stand beside it, each in both languages. Names in braces are filled in, and a text with forms
// takes the one that its number `n` needs.
import { useApp } from '#web/app/context.ts'
import type { Language } from '#lib/localized.ts'

interface Forms {
  readonly en: { readonly one: string; readonly other: string }
  readonly ru: { readonly one: string; readonly few: string; readonly many: string }
}

type Text = Readonly<Record<Language, string>> | Forms
export type Texts = Readonly<Record<string, Text>>

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never
type StringsIn<T> = T extends string ? T : T extends object ? StringsIn<T[keyof T]> : never
type NamesOf<T> = NamesIn<StringsIn<T>>
/** No argument where nothing is to be filled in. */
type Arguments<T> = [NamesOf<T>] extends [never] ? [] : [values: Readonly<Record<NamesOf<T>, string | number>>]

export type Translate<T> = <Key extends keyof T>(key: Key, ...values: Arguments<T[Key]>) => string

/** Checks the texts and keeps what stands in their braces as their type. */
export function texts<const T extends Texts>(all: T): T {
  return all
}

export function translator<T extends Texts>(all: T, language: Language): Translate<T> {
  const numbers = new Intl.NumberFormat(language)
  const rules = new Intl.PluralRules(language)
  return (key, ...given) => {
    const [values = {}] = given as [Readonly<Record<string, string | number>>?]
    return fill(formOf(all[key], language, rules, values['n']), (name) => {
      const value = values[name] ?? ''
      return typeof value === 'number' ? numbers.format(value) : value
    })
  }
}

function formOf(text: Text | undefined, language: Language, rules: Intl.PluralRules, n: unknown): string {
  const form: string | Readonly<Record<string, string>> = text?.[language] ?? ''
  if (typeof form === 'string') return form
  // A fraction is `other` in Russian and declined as `few`: 1,5 продажи.
  return form[rules.select(Number(n))] ?? form['few'] ?? form['other'] ?? ''
}

function fill(text: string, valueOf: (name: string) => string): string {
  const filled = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name))
  // A name that ends with a quotation mark of its own needs no second one.
  return filled.replaceAll(/«([^«»]*«[^«»]*»)»/g, '$1').replaceAll(/“([^«»“”]*«[^«»“”]*»)”/g, '$1')
}

export function useTexts<T extends Texts>(all: T): Translate<T> {
  return translator(all, useApp().language)
}
