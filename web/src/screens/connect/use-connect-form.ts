// What a person has entered, and what is wrong with it.
import { useMemo, useState } from 'preact/hooks'
import { unwrap } from '#client/problem.ts'
import { type Integration, useApp } from '#web/app/context.ts'
import { type Action, useAction } from '#web/app/use-action.ts'
import { mainCredentials } from '#web/crm/credential-inputs.tsx'
import { type FieldErrors, sortErrors } from '#web/crm/form-errors.ts'
import {
  configOf,
  type CrmType,
  settingFields,
  type SettingField,
  type Value,
  type Values,
  valuesOf,
} from '#web/crm/schema-fields.ts'
import { TEXTS } from '#web/crm/texts.ts'
import { useFirstMistake } from '#web/crm/use-first-mistake.ts'
import { useTexts } from '#web/i18n/texts.ts'

export interface ConnectForm {
  readonly apiUrl: string
  readonly setApiUrl: (value: string) => void
  /** Some are stored, and stay where none are entered. */
  readonly hasCredentials: boolean
  readonly credentials: Readonly<Record<string, string>>
  readonly setCredential: (name: string, value: string) => void
  readonly settings: Values
  readonly setSetting: (path: string, value: Value) => void
  readonly fields: readonly SettingField[]
  readonly errors: FieldErrors
  /** What is wrong beside the fields. */
  readonly rest: unknown
  readonly submit: Action<[]>
  /** Of the form's element: the focus goes to its first mistake. */
  readonly ref: { current: HTMLFormElement | null }
}

/** `stored`: an integration that is not switched on yet, whose settings are entered anew. */
export function useConnectForm(
  type: CrmType,
  stored: Integration | null,
  done: (saved: Integration) => void,
): ConnectForm {
  const { client, language, session } = useApp()
  const fields = useMemo(() => settingFields(type, language), [type, language])
  const [apiUrl, setApiUrl] = useState(stored?.apiUrl ?? '')
  const [credentials, setCredentials] = useState<Readonly<Record<string, string>>>({})
  const [settings, setSettings] = useState(() => firstValues(fields, stored, session.business.timezone))
  const mistakes = useMistakes((path) => valueAt(path, { apiUrl, credentials, settings }) === '')
  const submit = useAction(async (signal) => {
    mistakes.begin(missingOf(type, fields, { apiUrl, credentials, settings, stored }))
    const body = bodyOf(type, fields, { apiUrl, credentials, settings, stored })
    const saved = stored
      ? await unwrap(client.PATCH('/v1/integrations/{id}', { params: { path: { id: stored.id } }, body, signal }))
      : await unwrap(client.POST('/v1/integrations', { body: { crmType: type.crmType, ...body }, signal }))
    done(saved)
  })
  const ref = useFirstMistake(submit.error)
  const set = <Value>(path: string, change: (value: Value) => void, value: Value) => {
    change(value)
    mistakes.change(path)
  }
  return {
    ...{ apiUrl, credentials, settings, fields, submit, ref },
    hasCredentials: stored?.hasCredentials === true && type.credentials.length > 0,
    ...mistakes.sort(submit.error, pathsOf(type, fields)),
    setApiUrl: (value) => set('apiUrl', setApiUrl, value),
    setCredential: (name, value) => set(`credentials.${name}`, setCredentials, { ...credentials, [name]: value }),
    setSetting: (path, value) => set(`additionalConfig.${path}`, setSettings, { ...settings, [path]: value }),
  }
}

/** What is wrong with the fields, until they are changed. `isEmpty`: of a field, by its path. */
function useMistakes(isEmpty: (path: string) => boolean) {
  const t = useTexts(TEXTS)
  const [missing, setMissing] = useState<readonly string[]>([])
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  return {
    /** Throws MissingError where something has to be entered first. */
    begin: (paths: readonly string[]) => {
      setChanged(new Set())
      setMissing(paths)
      if (paths.length > 0) throw new MissingError()
    },
    change: (path: string) => setChanged((known) => new Set([...known, path])),
    sort: (error: unknown, paths: readonly string[]): Pick<ConnectForm, 'errors' | 'rest'> => {
      const { fields, rest } = sortErrors(error instanceof MissingError ? null : error, paths)
      const told = [...Object.entries(fields), ...missing.map((path) => [path, ''] as const)]
        .filter(([path]) => !changed.has(path))
        .map(([path, message]) => [path, isEmpty(path) ? t('fillIn') : message] as const)
      return { errors: Object.fromEntries(told), rest }
    },
  }
}

/** What is missing stands beside its fields. */
class MissingError extends Error {}

interface Entered {
  readonly apiUrl: string
  readonly credentials: Readonly<Record<string, string>>
  readonly settings: Values
}

interface Request extends Entered {
  /** Its credentials stay where none are entered. */
  readonly stored: Integration | null
}

function valueAt(path: string, { apiUrl, credentials, settings }: Entered): Value {
  const [part = '', ...rest] = path.split('.')
  if (part === 'apiUrl') return apiUrl
  return (part === 'credentials' ? credentials[rest.join('.')] : settings[rest.join('.')]) ?? ''
}

function firstValues(fields: readonly SettingField[], stored: Integration | null, timezone: string): Values {
  const values = valuesOf(fields, stored?.additionalConfig ?? null)
  const zone = fields.find(({ kind, isRequired }) => kind === 'zone' && isRequired)
  // Most servers stand where the business is.
  return zone && values[zone.path] === '' ? { ...values, [zone.path]: timezone } : values
}

function missingOf(
  type: CrmType,
  fields: readonly SettingField[],
  { apiUrl, credentials, settings, stored }: Request,
): string[] {
  return [
    ...(type.apiUrl.required && apiUrl.trim() === '' ? ['apiUrl'] : []),
    ...type.credentials.flatMap(({ name, required }) =>
      required && !credentials[name] && stored?.hasCredentials !== true ? [`credentials.${name}`] : [],
    ),
    ...fields.flatMap(({ path, isRequired }) =>
      isRequired && settings[path] === '' ? [`additionalConfig.${path}`] : [],
    ),
  ]
}

function pathsOf(type: CrmType, fields: readonly SettingField[]): string[] {
  const credentials = type.credentials.map(({ name }) => `credentials.${name}`)
  return ['apiUrl', ...credentials, ...fields.map(({ path }) => `additionalConfig.${path}`)]
}

function bodyOf(type: CrmType, fields: readonly SettingField[], entered: Request) {
  const { apiUrl, settings, stored } = entered
  const given = Object.entries(entered.credentials).filter(([, value]) => value !== '')
  return {
    ...((apiUrl.trim() !== '' || stored) && { apiUrl: apiUrl.trim() || null }),
    additionalConfig: configOf(fields, settings, stored?.additionalConfig ?? null),
    ...(type.credentials.length > 0 && (given.length > 0 || !stored) && { credentials: Object.fromEntries(given) }),
  }
}

/** Whether a form shows a field at once. */
export function isMain(type: CrmType, name: string): boolean {
  return mainCredentials(type).some((field) => field.name === name)
}
