import type { components } from '#client/schema.ts'
import { useApp } from '#web/app/context.ts'
import { hrefTo } from '#web/app/router.ts'
import { useFormat } from '#web/i18n/format.ts'
import { useTexts } from '#web/i18n/texts.ts'
import { TEXTS } from '#web/screens/home/texts.ts'
import { Badge } from '#web/ui/notice.tsx'
import { Section } from '#web/ui/screen.tsx'
import { Support } from '#web/app/frame.tsx'

type Issue = components['schemas']['Issue']

const TONES = { error: 'error', warning: 'warning', info: 'info' } as const

/** What is wrong, what to do about it, and whose turn it is. */
export function Issues({ issues }: { readonly issues: readonly Issue[] }) {
  const t = useTexts(TEXTS)
  if (issues.length === 0) return null
  return (
    <Section title={t('issues')}>
      <ul class="home-issues" id="home-issues" tabIndex={-1} aria-label={t('issues')}>
        {issues.map((issue) => (
          <li key={issue.id} class={`home-issue home-issue-${issue.severity}`}>
            <IssueCard issue={issue} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** Where the page shows more of it, or mends it, and the right that this needs. */
const PATHS: Readonly<Partial<Record<Issue['code'], keyof typeof RIGHTS>>> = {
  records_unreadable: '/unreadable',
  nothing_readable: '/unreadable',
  connection_refused: '/reconnect',
  settings_rejected: '/settings',
  mapping_unconfirmed: '/import',
  all_rejected: '/import',
  days_differ: '/days',
}
const RIGHTS = {
  '/unreadable': null,
  '/days': null,
  '/reconnect': 'connect',
  '/settings': 'connect',
  '/import': 'import',
} as const

/** The owner's turn, but what has to be done takes more rights than a link gives. */
const BY_SUPPORT: ReadonlySet<Issue['code']> = new Set(['brake', 'backfill_failed', 'endpoint_disabled'])

function IssueCard({ issue: { code, title, detail, severity, whoseTurn, since } }: { readonly issue: Issue }) {
  const t = useTexts(TEXTS)
  const f = useFormat()
  const { operator, language, can } = useApp()
  const path = PATHS[code]
  const right = path === undefined ? null : RIGHTS[path]
  const isBySupport = whoseTurn === 'operator' || BY_SUPPORT.has(code)
  return (
    <>
      <h3>{title}</h3>
      <p>{detail}</p>
      <div class="home-issue-foot">
        <Badge tone={TONES[severity]}>{t(`turns.${whoseTurn}`)}</Badge>
        <span>{t('since', { at: f.time(since) })}</span>
        {path !== undefined && (right === null || can(right)) && <a href={hrefTo(path)}>{t(`issuePaths.${path}`)}</a>}
        {isBySupport && operator.support !== null && <Support {...{ operator, language }} />}
      </div>
    </>
  )
}
