// The first screen: whether all is well and what to do if not, and what has been sold.
import { useApp, useIntegration } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Hooks } from '#web/screens/home/hooks.tsx'
import { Issues } from '#web/screens/home/issues.tsx'
import { LastRuns } from '#web/screens/home/last-runs.tsx'
import { LastSales } from '#web/screens/home/last-sales.tsx'
import { SalesByDay } from '#web/screens/home/sales-by-day.tsx'
import { homeState } from '#web/screens/home/state.ts'
import { StateCard } from '#web/screens/home/state-card.tsx'
import { TEXTS } from '#web/screens/home/texts.ts'
import { useHome } from '#web/screens/home/use-home.ts'
import { useSales } from '#web/screens/home/use-sales.ts'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Card } from '#web/ui/layout.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Screen, Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

export function HomeScreen() {
  const t = useTexts(TEXTS)
  const { can } = useApp()
  const { integration, runs, issues, run, setStarted } = useHome()
  const { webhooks, webhookSetup } = integration
  const last = runs.data?.items.find(({ task, finishedAt }) => task === 'pull' && finishedAt !== null) ?? null
  return (
    <Screen title={t('title')}>
      {/* The state is known with the issues, and what stands below them must not move. */}
      <Loaded of={issues} skeleton={<Skeleton height="60rem" />}>
        {({ items: open }) => (
          <>
            <StateCard state={homeState(integration, open)} {...{ run, last }} onStart={setStarted} />
            <Issues issues={open} />
            {can('view') ? <SoldLately /> : <Notice tone="info">{t('salesHidden')}</Notice>}
            <div class="home-pair">
              <Section title={t('lastRuns')}>
                <Card>
                  <Loaded of={runs} skeleton={<Skeleton height="13rem" />}>
                    {({ items }) => <LastRuns runs={items} />}
                  </Loaded>
                </Card>
              </Section>
              {webhookSetup && <Hooks webhooks={webhooks} setup={webhookSetup} />}
            </div>
          </>
        )}
      </Loaded>
    </Screen>
  )
}

function SoldLately() {
  const t = useTexts(TEXTS)
  const { last, summary, sums } = useSales()
  // Where nothing is stored yet, little will be shown.
  const isEmpty = useIntegration().transactionsSynced === 0
  const hasCome = last.data !== null && last.data.items.length > 0
  return (
    <>
      <Section title={t('salesByDay')} actions={<span class="home-hint">{t('lastDays')}</span>}>
        <Loaded of={summary} skeleton={<Skeleton height={isEmpty ? '8rem' : '26rem'} />}>
          {() =>
            sums ? (
              <Card>
                <SalesByDay sales={sums} />
              </Card>
            ) : (
              <EmptyState title={t('noSales')} text={t('noSalesYet')} />
            )
          }
        </Loaded>
      </Section>
      {(!isEmpty || hasCome) && (
        <Section title={t('lastSales')} actions={<a href={hrefTo('/sales')}>{t('allSales')}</a>}>
          <Loaded of={last} skeleton={<Skeleton height="24rem" />}>
            {({ items }) =>
              items.length > 0 ? <LastSales sales={items} /> : <p class="home-hint">{t('noSalesYet')}</p>
            }
          </Loaded>
        </Section>
      )}
    </>
  )
}
