import type { Generated } from 'kysely';

/**
 * The tables. A record is whole in `body` (jsonb); the other columns repeat what queries need. Times are milliseconds
 * since 1970; `jsonb` columns are written as JSON text and read back parsed.
 */
export interface Tables {
  requests: RequestsTable;
  runs: RunsTable;
  decisions: DecisionsTable;
  outputs: OutputsTable;
  deliveries: { key: string; at: number };
  inbound: { id: string; kind: 'click' | 'line'; created_at: number; body: unknown };
  cards: CardsTable;
  replies: RepliesTable;
  answers: { id: string; created_at: number; updated_at: number; tries: Generated<number>; body: unknown };
  links: { hash: string; request_id: string; expires_at: number; body: unknown };
  settings: { key: string; value: unknown };
  budgets: { name: string; blocked_until: Generated<number> };
  calls: { budget: string; at: number };
  leases: { name: string; holder: string; until: number };
  audit: AuditTable;
  audit_head: AuditHeadTable;
}

interface RequestsTable {
  id: string;
  version: number;
  status: string;
  platform: string;
  requester: string;
  channel: string;
  line: string;
  machine: string;
  /** Counts every change of the request, its runs, decisions and outputs. */
  touched: Generated<number>;
  /** When it was last touched. */
  touched_at: number;
  created_at: number;
  approved_at: number | null;
  expires_at: number | null;
  start_by: number | null;
  /** Until when it is to be reviewed, while it isn't. */
  review_by: number | null;
  updated_at: number;
  body: unknown;
}

interface RunsTable {
  id: string;
  request_id: string;
  number: number;
  version: number;
  status: string;
  machine_id: string;
  /** Lower case, whole and first label. */
  machine_name: string;
  machine_label: string;
  not_before: number;
  deadline: number | null;
  queued_at: number | null;
  action_id: string | null;
  /** Whether a cancel waits to be sent, and whether a result waits to be read: what `revive` looks for. */
  cancel_due: boolean;
  collect_due: boolean;
  picked_up: boolean;
  updated_at: number;
  body: unknown;
}

interface DecisionsTable {
  request_id: string;
  round: number;
  person: string;
  at: number;
  body: unknown;
}

interface OutputsTable {
  run_id: string;
  index: number;
  at: number;
  body: unknown;
}

interface CardsTable {
  id: string;
  request_id: string;
  platform: string;
  channel: string;
  place: string;
  state: 'pending' | 'posting' | 'posted' | 'gone';
  thread: string | null;
  message: string | null;
  shown: Generated<number>;
  digest: string | null;
  doubts: Generated<number>;
  not_before: Generated<number>;
  created_at: number;
  updated_at: number;
}

interface RepliesTable {
  id: string;
  /** Order of speaking. */
  seq: Generated<number>;
  request_id: string;
  key: string;
  channel: string;
  state: 'pending' | 'posting' | 'posted';
  doubts: Generated<number>;
  not_before: Generated<number>;
  created_at: number;
  updated_at: number;
  body: unknown;
}

interface AuditTable {
  id: Generated<number>;
  at: Date;
  actor: unknown;
  action: string;
  request_id: string | null;
  run_id: string | null;
  data: unknown;
  /** Place in the chain, from 1 without gaps; null until sealed. */
  no: number | null;
  seal: string | null;
}

/** One row: where the chain begins (what retention removed) and ends, under a seal of its own. */
interface AuditHeadTable {
  id: number;
  base_no: number;
  base_seal: string;
  count: number;
  seal: string;
  mac: string;
}
