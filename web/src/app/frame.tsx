// What stands around every screen: whose service it is, for which business, in which language, and whom to ask.
import type { ComponentChildren } from 'preact'
import type { Operator } from '#web/app/page-data.ts'
import { TEXTS } from '#web/app/texts.ts'
import { translator } from '#web/i18n/texts.ts'
import type { Language } from '#lib/localized.ts'

interface Props {
  readonly businessName: string
  readonly operator: Operator
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly navigation?: ComponentChildren
  readonly end?: ComponentChildren
  readonly children: ComponentChildren
}

const NAMES = { en: 'English', ru: 'Русский' } as const

export function Frame({ businessName, operator, language, setLanguage, navigation, end, children }: Props) {
  const t = translator(TEXTS, language)
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={focusContent}>
        {t('skip')}
      </a>
      <header class="frame-head">
        <div class="frame-who">
          {operator.logoUrl !== null && <img class="frame-logo" src={operator.logoUrl} alt={operator.name ?? ''} />}
          {operator.name !== null && operator.logoUrl === null && <span class="frame-operator">{operator.name}</span>}
          <span class="frame-business" title={businessName}>
            {businessName}
          </span>
        </div>
        <fieldset class="language" aria-label={t('language')}>
          {(['ru', 'en'] as const).map((one) => (
            <button
              type="button"
              key={one}
              lang={one}
              aria-label={NAMES[one]}
              aria-pressed={one === language}
              onClick={() => setLanguage(one)}
            >
              {one.toUpperCase()}
            </button>
          ))}
        </fieldset>
        {navigation}
      </header>
      <main id="content" class="frame-main" tabIndex={-1}>
        {children}
      </main>
      <footer class="frame-foot">
        {operator.support !== null && <Support {...{ operator, language }} />}
        {end}
      </footer>
    </div>
  )
}

/** The place of the navigation, until it is known. */
export function NavigationPlace() {
  return <div class="navigation" aria-hidden="true" />
}

/** The router has the fragment, so the link moves the focus itself. */
function focusContent(event: Event): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#content')?.focus()
}

/** What was entered here stays. */
const ELSEWHERE = { target: '_blank', rel: 'noopener' } as const

/** An address or a number that can be followed is a link. */
export function Support({ operator, language }: Pick<Props, 'operator' | 'language'>) {
  const t = translator(TEXTS, language)
  const contact = operator.support ?? ''
  const text =
    operator.name === null ? t('support', { contact: '\0' }) : t('supportBy', { name: operator.name, contact: '\0' })
  const [before, after] = text.split('\0')
  const href = contactHref(contact)
  return (
    <p class="support">
      {before}
      {href === null ? (
        contact
      ) : (
        <a href={href} {...(href.startsWith('https:') && ELSEWHERE)}>
          {contact.replace(/^https?:\/\//, '')}
        </a>
      )}
      {after}
    </p>
  )
}

function contactHref(contact: string): string | null {
  if (/^https:\/\/\S+$/.test(contact)) return contact
  if (/^[^\s@]+@[^\s@]+$/.test(contact)) return `mailto:${contact}`
  if (/^\+[\d\s()-]{6,20}$/.test(contact)) return `tel:${contact.replaceAll(/[^\d+]/g, '')}`
  return null
}
