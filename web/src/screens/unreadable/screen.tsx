// Records of the CRM that could not be understood: why, examples, what to do, and the button to read them again.
import type { Run } from '#client/watch-run.ts'
import { useApp } from '#web/app/context.ts'
import { Support } from '#web/app/frame.tsx'
import type { Action } from '#web/app/use-action.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { RunProgress } from '#web/runs/run-progress.tsx'
import { groupByReason } from '#web/screens/unreadable/groups.ts'
import { ReasonCard } from '#web/screens/unreadable/reason-card.tsx'
import { TEXTS } from '#web/screens/unreadable/texts.ts'
import { useUnreadable } from '#web/screens/unreadable/use-unreadable.ts'
import { Button } from '#web/ui/button.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { Screen, Section } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

export function UnreadableScreen() {
  const t = useTexts(TEXTS)
  const { found, run, retry } = useUnreadable()
  return (
    <Screen title={t('title')} lead={t('intro')}>
      <Loaded of={found} skeleton={<Skeleton lines={10} />}>
        {({ records, isAll }) =>
          records.length === 0 ? (
            <>
              {run && <RunProgress run={run} />}
              <EmptyState title={t('none')} text={t('noneAdvice')} />
            </>
          ) : (
            <>
              <Advice />
              <Retry run={run} retry={retry} />
              <p class="unreadable-total">{t(isAll ? 'total' : 'atLeast', { n: records.length })}</p>
              <ul class="unreadable-groups">
                {groupByReason(records).map((group) => (
                  <li key={group.reason}>
                    <ReasonCard group={group} />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </Screen>
  )
}

function Advice() {
  const t = useTexts(TEXTS)
  const { operator, language } = useApp()
  return (
    <Section title={t('whatToDo')}>
      <ol class="unreadable-advice">
        <li>{t('advice.correct')}</li>
        <li>{t('advice.retry')}</li>
        <li>
          {t('advice.contact')} {operator.support !== null && <Support {...{ operator, language }} />}
        </li>
      </ol>
    </Section>
  )
}

function Retry({ run, retry }: { readonly run: Run | null; readonly retry: Action<[]> }) {
  const t = useTexts(TEXTS)
  const { mayStartRuns } = useApp()
  if (!mayStartRuns) return <p class="unreadable-hint">{t('retryNotAllowed')}</p>
  const isActive = run !== null && run.finishedAt === null
  return (
    <div class="unreadable-retry">
      <Button isBusy={retry.isBusy || isActive} onClick={retry.run}>
        {t('retry')}
      </Button>
      {run && <RunProgress run={run} />}
      {retry.error !== null && <Problem error={retry.error} />}
    </div>
  )
}
