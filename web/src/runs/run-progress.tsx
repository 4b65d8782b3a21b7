import type { Run } from '#client/watch-run.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/runs/texts.ts'
import { Progress } from '#web/ui/progress.tsx'

/** How far a run is, in a bar and a sentence that a screen reader tells. */
export function RunProgress({ run }: { readonly run: Run }) {
  const t = useTexts(TEXTS)
  const sentence = useSentence(run)
  const { done, total } = run.progress
  return (
    <div class="run-progress">
      {run.finishedAt === null && <Progress value={done} max={total} label={t('label')} />}
      <p class="run-progress-text" role="status">
        {sentence}
      </p>
    </div>
  )
}

function useSentence({ status, task, counters, error, resumeAt }: Run): string {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const changed = counters.inserted + counters.updated
  const sentences: Readonly<Record<Run['status'], string>> = {
    queued: t('queued'),
    waiting: resumeAt === null ? t('queued') : t('waiting', { at: f.clock(resumeAt) }),
    running: t('running', { records: counters.fetched }),
    succeeded: task === 'check' ? t('compared') : changed > 0 ? t('changed', { sales: changed }) : t('nothingNew'),
    failed: t('failed', { message: error?.message ?? '' }),
    cancelled: t('cancelled'),
  }
  return sentences[status]
}
