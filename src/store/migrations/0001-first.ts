import { type Kysely, sql } from 'kysely';

/** The first tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table requests (
    id text primary key, version integer not null, status text not null, platform text not null, requester text not null,
    channel text not null, line text not null, machine text not null, touched bigint not null default 1,
    touched_at bigint not null,
    created_at bigint not null, approved_at bigint, expires_at bigint, start_by bigint, updated_at bigint not null,
    body jsonb not null)`,
  'create index requests_status on requests (status, created_at)',
  'create index requests_created on requests (created_at desc)',
  'create index requests_requester on requests (requester, created_at desc)',
  `create index requests_files on requests using gin ((body->'files') jsonb_path_ops) where approved_at is not null`,

  `create table runs (
    id text primary key, request_id text not null references requests (id) on delete cascade, number integer not null,
    version integer not null, status text not null, machine_id text not null, machine_name text not null,
    machine_label text not null, not_before bigint not null, deadline bigint, queued_at bigint, action_id text,
    cancel_due boolean not null, collect_due boolean not null, picked_up boolean not null, updated_at bigint not null,
    body jsonb not null)`,
  'create index runs_request on runs (request_id, number)',
  'create index runs_machine on runs (machine_id)',
  'create index runs_machine_name on runs (machine_name)',
  'create index runs_machine_label on runs (machine_label)',
  `create index runs_live on runs (status) where status not in ('succeeded', 'failed', 'timed_out', 'cancelled')`,
  'create index runs_collect on runs (not_before) where collect_due',
  // Defender takes one session per machine, and so do we, whatever two instances decide at the same moment.
  `create unique index runs_one_per_machine on runs (machine_id)
    where status in ('submitting', 'reconciling', 'running', 'unclear')`,

  `create table decisions (
    request_id text not null references requests (id) on delete cascade, round integer not null, person text not null,
    at bigint not null, body jsonb not null, primary key (request_id, round, person))`,
  `create table outputs (
    run_id text not null references runs (id) on delete cascade, index integer not null, at bigint not null,
    body jsonb not null, primary key (run_id, index))`,
  'create index outputs_at on outputs (at)',

  'create table deliveries (key text primary key, at bigint not null)',
  'create index deliveries_at on deliveries (at)',
  'create table inbound (id text primary key, kind text not null, created_at bigint not null, body jsonb not null)',

  `create table cards (
    id text primary key, request_id text not null references requests (id) on delete cascade, platform text not null,
    channel text not null, place text not null, state text not null, thread text, message text,
    shown bigint not null default 0, digest text, doubts integer not null default 0, not_before bigint not null default 0,
    created_at bigint not null, updated_at bigint not null)`,
  'create index cards_request on cards (request_id)',
  'create index cards_channel on cards (channel, state)',
  'create index cards_thread on cards (thread)',
  'create index cards_message on cards (message)',

  `create table replies (
    id text primary key, seq bigint not null generated always as identity, request_id text not null references requests (id)
    on delete cascade, key text not null, channel text not null, state text not null, doubts integer not null default 0,
    not_before bigint not null default 0, created_at bigint not null, updated_at bigint not null, body jsonb not null,
    unique (request_id, key))`,
  `create index replies_waiting on replies (channel, seq) where state <> 'posted'`,
  `create table answers (
    id text primary key, created_at bigint not null, updated_at bigint not null, tries integer not null default 0,
    body jsonb not null)`,

  'create table links (hash text primary key, request_id text not null, expires_at bigint not null, body jsonb not null)',
  'create table settings (key text primary key, value jsonb not null)',
  'create table budgets (name text primary key, blocked_until bigint not null default 0)',
  'create table calls (budget text not null, at bigint not null)',
  'create index calls_at on calls (budget, at desc)',
  'create table leases (name text primary key, holder text not null, until bigint not null)',

  `create table audit (
    id bigint primary key generated always as identity, at timestamptz(3) not null, actor jsonb not null,
    action text not null, request_id text, run_id text, data jsonb not null, no bigint unique, seal text)`,
  'create index audit_unsealed on audit (id) where no is null',
  'create index audit_request on audit (request_id)',
  `create table audit_head (
    id integer primary key check (id = 1), base_no bigint not null, base_seal text not null, count bigint not null,
    seal text not null, mac text not null)`,
];
