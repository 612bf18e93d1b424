import { sql } from 'kysely';
import type { CatalogReader } from '../catalog/catalog.ts';

export interface LooseEnd {
  /** What refers: `receipts`, `units`, … */
  readonly subject: string;
  readonly column: 'run_id' | 'manifest_hash' | 'contract_hash';
  /** What is referred to and not there. */
  readonly id: string;
  readonly count: number;
}

/** Things referred to that are told of; each is an incident of its own. */
const TOLD_MAX = 100;

/** Anchors of the catalog's rows that lead nowhere. */
export async function looseEnds(catalog: CatalogReader): Promise<LooseEnd[]> {
  const found: LooseEnd[] = [];
  for (const { subject, refers, column, to } of REFERENCES) {
    const { rows } = await sql<{ id: string; count: number }>`
      SELECT ${sql.ref(refers)} AS id, count(*) AS count FROM ${sql.table(subject)}
      WHERE ${sql.ref(refers)} IS NOT NULL AND ${sql.ref(refers)} <> ''
        AND ${sql.ref(refers)} NOT IN (SELECT ${sql.ref(to[1])} FROM ${sql.table(to[0])})
      GROUP BY 1 ORDER BY 1 LIMIT ${TOLD_MAX}`.execute(catalog);
    for (const { id, count } of rows) found.push({ subject, column, id, count: Number(count) });
  }
  return found;
}

const RUNS = ['runs', 'run_id'] as const;

const REFERENCES = [
  { subject: 'receipts', refers: 'run_id', column: 'run_id', to: RUNS },
  { subject: 'objects', refers: 'first_run_id', column: 'run_id', to: RUNS },
  { subject: 'units', refers: 'prepared_by', column: 'run_id', to: RUNS },
  { subject: 'units', refers: 'committed_by', column: 'run_id', to: RUNS },
  { subject: 'commits', refers: 'run_id', column: 'run_id', to: RUNS },
  { subject: 'checkpoints', refers: 'run_id', column: 'run_id', to: RUNS },
  {
    subject: 'runs',
    refers: 'manifest_hash',
    column: 'manifest_hash',
    to: ['manifests', 'content_hash'],
  },
  { subject: 'units', refers: 'contract_hash', column: 'contract_hash', to: ['contracts', 'hash'] },
] as const;
