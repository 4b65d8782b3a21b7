// What is shown while no session is open: it is being opened, cannot be reached, or is over.
import { useEffect } from 'preact/hooks'
import { Frame, NavigationPlace } from '#web/app/frame.tsx'
import type { Opening } from '#web/app/open-session.ts'
import type { PageData } from '#web/app/page-data.ts'
import { TEXTS } from '#web/app/texts.ts'
import { translator } from '#web/i18n/texts.ts'
import { ButtonLink } from '#web/ui/button.tsx'
import { Spinner } from '#web/ui/spinner.tsx'
import type { Language } from '#lib/localized.ts'

interface Props {
  readonly page: PageData
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly state: Exclude<Opening['state'], 'open'> | 'opening'
}

const SAID = {
  over: { title: 'over', text: 'overText' },
  unreached: { title: 'unreached', text: 'unreachedText' },
  'handed-over': { title: 'handedOver', text: 'handedOverText' },
} as const

export function StaticPage({ page, language, setLanguage, state }: Props) {
  const t = translator(TEXTS, language)
  const { businessName, isConnected, operator, returnUrl } = page
  const title = state === 'opening' ? businessName : t(SAID[state].title)
  useEffect(() => {
    document.title = title
  }, [title])
  const navigation = state === 'opening' && isConnected && <NavigationPlace />
  return (
    <Frame {...{ businessName, operator, language, setLanguage, navigation }}>
      {state === 'opening' ? (
        <p class="waiting" role="status">
          <Spinner /> {t('opening', { name: businessName })}
        </p>
      ) : (
        <div class="said" role="alert">
          <h1>{title}</h1>
          <p>{t(SAID[state].text)}</p>
          {state === 'over' && returnUrl !== null && (
            <div class="row">
              <ButtonLink href={returnUrl} target="_top">
                {t('back')}
              </ButtonLink>
            </div>
          )}
        </div>
      )}
    </Frame>
  )
}
