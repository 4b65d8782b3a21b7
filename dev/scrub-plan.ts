// What becomes of every column of the database in a copy that others may use. dev/scrub.ts refuses a database that has
// a column which is not named here, so a new one is decided on and not forgotten.

interface Treatment {
  /** What a column becomes, in terms of its row. */
  readonly set: Readonly<Record<string, string>>
  /** Ids, times, sums and states: what says nothing of a person, opens nothing and leads nowhere. */
  readonly keep: readonly string[]
}

/** `empty`: all rows go. */
export type Plan = Readonly<Record<string, Treatment | 'empty'>>

const nulled = (...columns: string[]) => Object.fromEntries(columns.map((column) => [column, 'null']))

export const PLAN: Plan = {
  businesses: {
    // A sole trader's business has the trader's name.
    set: { name: `'Business ' || left(id::text, 8)` },
    keep: ['id', 'timezone', 'currency', 'tested_at', 'erasures', 'created_at', 'updated_at'],
  },
  crm_integrations: {
    set: {
      ...nulled('api_key', 'api_secret', 'extra_secret', 'session_token', 'session_token_until'),
      // An address of a CRM may be its owner's own server; settings, cursors and errors have what people wrote.
      ...nulled('api_url', 'additional_config', 'cursor', 'account', 'last_error', 'last_failure', 'passing_refusal'),
      ...nulled('passing_refusal_since', 'refused_at', 'connection_checked_at', 'stopped_by', 'next_sync_at'),
      ...nulled('webhook_token', 'webhook_token_hash', 'webhook_rotated_at', 'webhook_registration'),
      ...nulled('webhook_checked_at', 'webhook_last_at', 'webhook_missed_at', 'inbox_until', 'hook_reads_since'),
      ...nulled('lease_run_id', 'lease_until'),
      sync_enabled: 'false',
      connection_status: `'untested'`,
      last_sync_status: `nullif(last_sync_status, 'in_progress')`,
      webhook_secret_required: 'false',
      // Whatever is still under way writes nothing.
      settings_epoch: 'settings_epoch + 1',
      lease_epoch: 'lease_epoch + 1',
    },
    keep: [
      ...['id', 'business_id', 'crm_type', 'sync_interval_minutes', 'last_sync_at', 'total_syncs', 'successful_syncs'],
      ...['failed_syncs', 'transactions_synced', 'created_at', 'updated_at', 'consecutive_failures', 'change_seq'],
      ...['page_seq', 'map_version', 'called_at', 'as_of', 'hook_reads'],
    ],
  },
  crm_transactions: {
    set: {
      // Ids of a file's rows are made of what stands in them, and names of branches are addresses of streets.
      external_id: 'id::text',
      items: `'[]'`,
      ...nulled('customer_external_id', 'customer_name', 'customer_phone', 'customer_email', 'customer_card'),
      ...nulled('location_external_id', 'location_name', 'alias', 'content_hash', 'run_id'),
    },
    keep: [
      ...['id', 'business_id', 'integration_id', 'kind', 'status', 'amount_minor', 'currency', 'occurred_at'],
      ...['source_updated_at', 'change_seq', 'version_at', 'seen_seq', 'settings_epoch', 'missing_since', 'undone'],
      'source_line',
      ...['created_at', 'updated_at'],
    ],
  },
  kept_integrations: {
    set: { account: 'null', connection_hash: `sha256(convert_to(integration_id::text, 'UTF8'))` },
    keep: [
      ...['integration_id', 'business_id', 'crm_type', 'change_seq', 'page_seq', 'settings_epoch', 'lease_epoch'],
      ...['map_version', 'kept_at'],
    ],
  },
  transaction_feed: { set: {}, keep: ['integration_id', 'change_seq', 'transaction_id'] },
  erased_customers: 'empty',
  alarms: 'empty',
  audit: 'empty',
  check_days: 'empty',
  check_records: 'empty',
  connect_sessions: 'empty',
  deployment: 'empty',
  engine_counters: 'empty',
  event_deliveries: 'empty',
  event_endpoints: 'empty',
  file_notes: 'empty',
  idempotency_keys: 'empty',
  import_formats: 'empty',
  issues: 'empty',
  marketplace_installs: 'empty',
  marketplace_tickets: 'empty',
  oauth_grants: 'empty',
  oauth_states: 'empty',
  open_uploads: 'empty',
  quarantined_records: 'empty',
  rejected_rows: 'empty',
  removals: 'empty',
  retest_items: 'empty',
  retests: 'empty',
  sealing_keys: 'empty',
  sync_runs: 'empty',
  transaction_changes: 'empty',
  unpaid_observations: 'empty',
  webhook_deliveries: 'empty',
  webhook_refusals: 'empty',
  webhook_usage: 'empty',
}
