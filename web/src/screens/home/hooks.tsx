import type { components } from '#client/schema.ts'
import { useApp } from '#web/app/context.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { stepParts } from '#web/screens/home/setup-steps.ts'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Badge } from '#web/ui/notice.tsx'
import { Copyable } from '#web/ui/copyable.tsx'
import { Card, Disclosure } from '#web/ui/layout.tsx'
import { Section } from '#web/ui/screen.tsx'

type Integration = components['schemas']['Integration']
type Setup = NonNullable<Integration['webhookSetup']>

const TONES = { live: 'success', silent: 'warning', unknown: 'neutral' } as const

/** Whether the CRM reports its changes by itself, and how to make it do so. */
export function Hooks({ webhooks, setup }: { readonly webhooks: Integration['webhooks']; readonly setup: Setup }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { status, lastAt } = webhooks
  const { registration } = setup
  const sentence = t(`hookStates.${status}`, { at: lastAt === null ? '' : f.ago(lastAt) })
  return (
    <Section title={t('hooks')}>
      <Card>
        <p class="home-hooks">
          <Badge tone={TONES[status]}>{t(`hookWords.${status}`)}</Badge> {sentence}
        </p>
        <p class="home-hint">
          {t('hooksAbout')} {registration !== null && t(`registrations.${registration}`)}
        </p>
        {registration !== 'registered' && <Steps steps={setup.steps} />}
      </Card>
    </Section>
  )
}

function Steps({ steps }: Pick<Setup, 'steps'>) {
  const t = useTexts(TEXTS)
  const { language } = useApp()
  if (steps === null) return <p class="home-hint">{t('stepsHidden')}</p>
  const parts = stepParts(steps[language])
  const copied = parts.filter(({ isCopyable }) => isCopyable)
  return (
    <Disclosure title={t('setUp')}>
      <div class="home-steps">
        <p>{parts.map(({ text }) => text).join('')}</p>
        {copied.map(({ text }) => (
          <Copyable key={text} text={text} label={t(text.startsWith('http') ? 'address' : 'secret')} />
        ))}
      </div>
    </Disclosure>
  )
}
