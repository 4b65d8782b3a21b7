// Why a sale counts as it does: what the CRM says of it now and by which rule, beside what is stored and how it came
// to be. The rule is the one that the connector's own mapping has applied, so this cannot disagree with a sync.
import type { Context } from '#context.ts'
import type { AppliedRule, CanonicalTransaction, Hint, LocalizedText } from '#crm/contract.ts'
import type { Connector } from '#crm/connector.ts'
import { connectorOf } from '#crm/registry.ts'
import { describeRule, ruleOf } from '#crm/rules.ts'
import type { TenantScope } from '#db/tenant.ts'
import type { ExplainSale, Explanation } from '#explanations/schema.ts'
import { type ReadNow, readNow } from '#explanations/read-now.ts'
import { findStored, type Stored } from '#explanations/stored.ts'
import { say, STATUS_WORDS } from '#explanations/texts.ts'
import { findForSession } from '#integrations/queries.ts'
import { countTest } from '#integrations/test-limit.ts'
import { both, type Language } from '#lib/localized.ts'
import { reasonIn } from '#quarantine/reasons.ts'
import { loadErased } from '#tombstones/load-erased.ts'
import { listHistory } from '#transactions/history.ts'
import { withoutErased } from '#transactions/mask-erased.ts'
import { presentSample } from '#transactions/schema.ts'

const CHANGES_MAX = 50

type AnyConnector = Connector<unknown, unknown>

/** Null: no such integration for this tenant. Throws Problem `too_many_requests`: it counts as a connection test. */
export async function explainSale(
  context: Context,
  asked: TenantScope & ExplainSale & { readonly language: Language },
): Promise<Explanation | null> {
  const { integrationId, tenant, externalId, language } = asked
  const row = await findForSession(context.db, integrationId, tenant)
  if (!row) return null
  await countTest(context, row.id)
  const connector = connectorOf(row.crmType)
  const readAt = context.clock.now().toISOString()
  const now = await readNow(context, row, hintOf(asked))
  const alias = now.type === 'transaction' ? (now.alias ?? null) : null
  const stored = await findStored(context, { ...asked, alias, isOfFile: now.type === 'not_asked' })
  const history = stored.sale && { ...asked, limit: CHANGES_MAX, cursor: undefined, transactionId: stored.sale.id }
  const changes = history ? ((await listHistory(context, history))?.items ?? []) : []
  const shown = now.type === 'transaction' ? withoutErased(now.transaction, await loadErased(context, row.id)) : null
  const isUndone = changes[0]?.source === 'undo'
  const rule = appliedRule(now) ?? (stored.sale && !isUndone ? ruleOfFile(connector, stored.sale) : null)
  const text = [
    ...sayNow(connector, now, rule),
    ...sayStored(connector, now, stored),
    ...(isUndone ? [say('undone')] : []),
  ]
  context.log.info('sale_explained', { integrationId, read: now.type, rule: rule?.code })
  return {
    externalId,
    outcome: outcomeOf(connector, now, stored),
    text: text.map((sentence) => sentence[language]).join(' '),
    rule: rule && { code: rule.code, text: describeRule(connector.rules, rule)[language] },
    crm: {
      state: stateOf(connector, now),
      readAt,
      transaction: shown && presentSample(shown, row),
      detail: detailOf(now)?.[language] ?? null,
    },
    stored: stored.sale,
    quarantined: stored.quarantined,
    cameBy: stored.cameBy,
    changes: [...changes],
  }
}

function hintOf({ externalId, locationId, day }: ExplainSale): Hint {
  const extra = { ...(locationId !== undefined && { locationId }), ...(day !== undefined && { day }) }
  return { externalId, extra }
}

function appliedRule(now: ReadNow): AppliedRule | null {
  if (now.type === 'transaction' || now.type === 'none') return now.rule
  if (now.type === 'gone') return now.rule ?? { code: 'gone' }
  return now.type === 'unmapped' ? { code: 'unreadable' } : null
}

function ruleOfFile(connector: AnyConnector, sale: Counted): AppliedRule | null {
  return connector.storedRule?.(sale) ?? null
}

function stateOf({ rules }: AnyConnector, now: ReadNow): Explanation['crm']['state'] {
  switch (now.type) {
    case 'transaction':
    case 'unmapped':
      return 'shown'
    case 'gone':
      return now.rule && ruleOf(rules, now.rule.code).outcome === 'skipped' ? 'shown' : 'gone'
    case 'none':
      return ruleOf(rules, now.rule.code).outcome === 'skipped' ? 'shown' : 'not_shown'
    case 'missing':
      return 'not_shown'
    case 'failed':
      return 'unavailable'
    case 'not_asked':
      return 'not_asked'
    default:
      throw new Error(`an unknown read ${String(now satisfies never)}`)
  }
}

function outcomeOf({ rules }: AnyConnector, now: ReadNow, { sale, quarantined }: Stored): Explanation['outcome'] {
  if (now.type === 'unmapped') return 'unreadable'
  if (now.type === 'transaction') {
    const { status } = now.transaction
    return sale || status === 'paid' ? status : 'skipped'
  }
  if (now.type === 'gone' && sale) return 'cancelled'
  if (sale) return sale.status
  const rule = appliedRule(now)
  if (rule && ruleOf(rules, rule.code).outcome === 'skipped') return 'skipped'
  return quarantined ? 'unreadable' : 'unknown'
}

function detailOf(now: ReadNow): LocalizedText | null {
  if (now.type === 'failed') return now.detail
  return now.type === 'unmapped' ? { en: reasonIn(now.reason, 'en'), ru: reasonIn(now.reason, 'ru') } : null
}

function sayNow({ rules }: AnyConnector, now: ReadNow, rule: AppliedRule | null): LocalizedText[] {
  const detail = detailOf(now)
  if (now.type === 'failed' && detail) return [say('failed', { detail })]
  if (now.type === 'unmapped' && detail) return [say('unreadable', { reason: detail })]
  if (now.type !== 'not_asked') return rule ? [say('ruled', { rule: describeRule(rules, rule) })] : []
  return [say('not_asked'), ...(rule ? [say('ruled_by_file', { rule: describeRule(rules, rule) })] : [])]
}

function sayStored(connector: AnyConnector, now: ReadNow, stored: Stored): LocalizedText[] {
  const { sale, quarantined, namesake } = stored
  if (sale) {
    const status = STATUS_WORDS[sale.status]
    const next = now.type === 'gone' ? { ...sale, status: 'cancelled' as const } : saleIn(now)
    if (!next) return [say('stored_as', { status })]
    return [say(isSame(sale, next) ? 'stored_same' : 'stored_differs', { status })]
  }
  if (namesake !== null) return [say('stored_elsewhere', { id: both(namesake) })]
  if (quarantined || now.type === 'unmapped') return [say('quarantined')]
  const next = saleIn(now)
  if (next) return [say(next.status === 'paid' ? 'not_stored_yet' : 'never_paid')]
  return [say(outcomeOf(connector, now, stored) === 'skipped' ? 'no_sale' : 'nothing_stored')]
}

type Counted = Pick<CanonicalTransaction, 'status' | 'kind'>
type Compared = Omit<CanonicalTransaction, 'externalId' | 'sourceUpdatedAt'>

function saleIn(now: ReadNow): Compared | null {
  return now.type === 'transaction' ? now.transaction : null
}

/** In all that a check compares. */
function isSame(one: Compared, other: Compared): boolean {
  return comparedOf(one) === comparedOf(other)
}

function comparedOf({ kind, status, amountMinor, currency, occurredAt, customer, location, items }: Compared): string {
  return JSON.stringify([
    ...[kind, status, amountMinor, currency, customer?.externalId ?? null, location?.externalId ?? null],
    // A sale that is no longer paid keeps its time.
    status === 'paid' ? Date.parse(occurredAt) : null,
    items.map((item) => [item.externalId, item.name, item.quantity, item.amountMinor]),
  ])
}
