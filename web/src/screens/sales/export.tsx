import { useTexts } from '#web/i18n/texts.ts'
import type { SalesFilter } from '#web/screens/sales/filter.ts'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { useExport } from '#web/screens/sales/use-export.ts'
import { Button } from '#web/ui/button.tsx'
import { Problem } from '#web/ui/problem.tsx'

export function Export({ filter }: { readonly filter: SalesFilter }) {
  const t = useTexts(TEXTS)
  const { kilobytes, download } = useExport(filter)
  return (
    <div class="sales-export">
      <Button kind="secondary" isBusy={download.isBusy} onClick={download.run}>
        {t('export')}
      </Button>
      <p class="sales-hint" role="status">
        {download.isBusy && t('exporting', { n: kilobytes })}
      </p>
      {download.error !== null && <Problem error={download.error} />}
    </div>
  )
}
