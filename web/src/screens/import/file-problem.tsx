// Why a file was not read or not sent, and what to do.
import { ProblemError } from '#client/index.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { Notice } from '#web/ui/notice.tsx'
import { Problem } from '#web/ui/problem.tsx'
import { TEXTS } from './texts.ts'

interface FileProblemProps {
  readonly error: unknown
  readonly title: string
  /** What tries it once more, where that is no button of the screen. */
  readonly again?: () => Promise<void>
}

export function FileProblem({ error, title, again }: FileProblemProps) {
  const t = useTexts(TEXTS)
  if (error instanceof ProblemError && error.problem.code === 'unreadable_file') {
    return (
      <Notice tone="error" title={title}>
        <p>{error.problem.detail}</p>
        <p>{t('nothingStored')}</p>
      </Notice>
    )
  }
  // What the browser says of a file that is not as it was chosen.
  if (error instanceof DOMException && (error.name === 'NotReadableError' || error.name === 'NotFoundError')) {
    return (
      <Notice tone="error" title={title}>
        <p>{t('fileGone')}</p>
      </Notice>
    )
  }
  return <Problem error={error} title={title} actions={again && <Button onClick={again}>{t('again')}</Button>} />
}
