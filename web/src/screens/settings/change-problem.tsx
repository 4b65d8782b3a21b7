import { ProblemError } from '#client/problem.ts'
import { hrefTo } from '#web/app/router.ts'
import { TestReport } from '#web/crm/report.tsx'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/settings/texts.ts'
import { ButtonLink } from '#web/ui/button.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'

/** Why a change was refused. Of a test that failed: what does not work, and what to do. */
export function ChangeProblem({ error }: { readonly error: unknown }) {
  const t = useTexts(TEXTS)
  if (error === null) return null
  const report = error instanceof ProblemError ? error.problem.report : undefined
  if (!report) return <Problem error={error} />
  const reconnect = <ButtonLink href={hrefTo('/reconnect')}>{t('reconnect')}</ButtonLink>
  return (
    <>
      <Notice tone="error" title={t('testFailed')} actions={reconnect} />
      <TestReport report={report} />
    </>
  )
}
