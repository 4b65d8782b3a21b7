import { useMemo, useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { toast } from '#web/app/announce.ts'
import { useApp, useIntegration } from '#web/app/context.ts'
import { useAction } from '#web/app/use-action.ts'
import { configOf, type CrmType, settingFields, type Value, type Values, valuesOf } from '#web/crm/schema-fields.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/settings/texts.ts'

/** Another window has saved other settings since these were shown. */
export class ChangedElsewhere extends Error {}

/** The settings of the CRM as a person changes them. What somebody else has saved meanwhile is not overwritten. */
export function useSettings(type: CrmType) {
  const t = useTexts(TEXTS)
  const { client, language, setIntegration } = useApp()
  const { id, additionalConfig, syncEnabled } = useIntegration()
  const fields = useMemo(() => settingFields(type, language), [type, language])
  const [seen, setSeen] = useState(additionalConfig)
  const [values, setValues] = useState<Values>(() => valuesOf(fields, seen))
  const setValue = (path: string, value: Value) => setValues((known) => ({ ...known, [path]: value }))
  const save = useAction(async (signal) => {
    const path = { id }
    const answer = await client.GET('/v1/integrations/{id}', { params: { path }, signal })
    const present = await unwrap(Promise.resolve(answer))
    if (JSON.stringify(present.additionalConfig) !== JSON.stringify(seen)) throw new ChangedElsewhere()
    // With sync on they have to pass the test at once; else nothing would be synced until somebody switches it on.
    const body = { additionalConfig: configOf(fields, values, seen), ...(syncEnabled && { syncEnabled: true }) }
    const params = { path, header: { 'If-Match': answer.response.headers.get('etag') ?? '*' } }
    const saved = await unwrap(client.PATCH('/v1/integrations/{id}', { params, body, signal }))
    setSeen(saved.additionalConfig)
    setIntegration(saved)
    toast({ tone: 'success', text: t(syncEnabled ? 'savedAndTested' : 'savedUntested') })
  })
  return { fields, values, setValue, save }
}
