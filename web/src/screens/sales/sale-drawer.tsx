import { unwrap } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { SaleDetails } from '#web/screens/sales/sale-details.tsx'
import { TEXTS } from '#web/screens/sales/texts.ts'
import { ButtonLink } from '#web/ui/button.tsx'
import { Drawer } from '#web/ui/dialog.tsx'
import { EmptyState } from '#web/ui/empty-state.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

const POLL_SECONDS = 15

interface Props {
  readonly externalId: string
  readonly onClose: () => void
}

/** One sale, as it is now. */
export function SaleDrawer({ externalId, onClose }: Props) {
  const t = useTexts(TEXTS)
  const { client } = useApp()
  const { id } = useIntegration()
  const found = useLoad(
    async (signal) => {
      const params = { path: { id }, query: { externalId } }
      return unwrap(client.GET('/v1/integrations/{id}/transactions', { params, signal }))
    },
    [id, externalId],
    { everySeconds: POLL_SECONDS },
  )
  const sale = found.data?.items[0]
  return (
    <Drawer isOpen onClose={onClose} title={t(`open.${sale?.kind ?? 'sale'}`)}>
      <Loaded of={found} skeleton={<Skeleton lines={10} />}>
        {() =>
          sale ? (
            <SaleDetails sale={sale} />
          ) : (
            <EmptyState
              title={t('notFoundTitle')}
              text={t('notFoundText', { id: externalId })}
              action={<ButtonLink href={hrefTo('/explain', { id: externalId })}>{t('why')}</ButtonLink>}
            />
          )
        }
      </Loaded>
    </Drawer>
  )
}
