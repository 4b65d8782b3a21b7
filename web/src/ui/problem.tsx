// What went wrong, in the words of the service, and whom to ask when the person cannot mend it.
import type { ComponentChildren } from 'preact'
import { ProblemError } from '#client/problem.ts'
import { useApp } from '#web/app/context.ts'
import { Support } from '#web/app/frame.tsx'
import { CONTROLS } from '#web/ui/texts.ts'
import { Notice } from '#web/ui/notice.tsx'
import { useTexts } from '#web/i18n/texts.ts'

interface Props {
  readonly error: unknown
  readonly title?: string
  readonly actions?: ComponentChildren
}

/** What stands between has answered, in no language of the page. */
const NOT_OURS = 'about:blank'

export function Problem({ error, title, actions }: Props) {
  const t = useTexts(CONTROLS)
  const { operator, language } = useApp()
  const problem = error instanceof ProblemError ? error.problem : null
  const needsPerson = problem !== null && problem.status >= 500
  return (
    <Notice tone="error" title={title ?? t('notDone')} actions={actions}>
      <p>{problem === null || problem.type === NOT_OURS ? t('unreached') : problem.detail}</p>
      {problem?.errors?.map(({ path, message }) => (
        <p key={path}>{message}</p>
      ))}
      {needsPerson && problem.requestId !== '' && <p class="muted">{t('request', { id: problem.requestId })}</p>}
      {needsPerson && operator.support !== null && <Support {...{ operator, language }} />}
    </Notice>
  )
}
