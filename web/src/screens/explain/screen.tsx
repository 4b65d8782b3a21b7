// Why a record of the CRM is a sale here, or is not: for one that is stored, and for one that is missed.
import { useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { navigate, useRoute } from '#web/app/router.ts'
import { useLoad } from '#web/app/use-load.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { Answer } from '#web/screens/explain/answer.tsx'
import { TEXTS } from '#web/screens/explain/texts.ts'
import { Button } from '#web/ui/button.tsx'
import { TextField } from '#web/ui/field.tsx'
import { Loaded } from '#web/ui/loaded.tsx'
import { Screen } from '#web/ui/screen.tsx'
import { Skeleton } from '#web/ui/skeleton.tsx'

const PATH = '/explain'
/** What the address calls the number. */
const ASKED = 'id'

export function ExplainScreen() {
  const t = useTexts(TEXTS)
  const asked = useRoute().query.get(ASKED)
  return (
    <Screen title={t('title')} lead={t('lead')} isNarrow>
      <Question key={asked} asked={asked} />
      {asked !== null && <Explanation key={asked} externalId={asked} />}
    </Screen>
  )
}

const EXAMPLES = {
  yclients: 'record:512000',
  amo_crm: 'lead:512000',
  renovatio: 'invoice:1024',
  '1c': 'Document_ЧекККМ:6f1c…',
  iiko: '9d1f0c5e-…',
  csv: '1024',
} as const

function Question({ asked }: { readonly asked: string | null }) {
  const t = useTexts(TEXTS)
  const { crmType } = useIntegration()
  const [number, setNumber] = useState(asked ?? '')
  const submit = (event: Event) => {
    event.preventDefault()
    if (number.trim() !== '') navigate(PATH, { [ASKED]: number.trim() }, { replace: asked !== null })
  }
  return (
    <form class="explain-question" role="search" onSubmit={submit}>
      <TextField
        label={t('number')}
        help={t('numberHelp', { example: EXAMPLES[crmType] })}
        value={number}
        onInput={setNumber}
      />
      <Button kind="primary" type="submit">
        {t('ask')}
      </Button>
    </form>
  )
}

function Explanation({ externalId }: { readonly externalId: string }) {
  const { client, language } = useApp()
  const { id } = useIntegration()
  // Each answer asks the CRM, whose calls are counted.
  const found = useLoad(
    async (signal) => {
      const params = { path: { id }, query: { externalId } }
      return unwrap(client.GET('/v1/integrations/{id}/explanation', { params, signal }))
    },
    [id, externalId, language],
    { isOnce: true },
  )
  return (
    <Loaded of={found} skeleton={<Skeleton lines={6} />}>
      {(explanation) => <Answer explanation={explanation} />}
    </Loaded>
  )
}
