import type { CatalogReader } from '../../catalog/catalog.ts';
import { nextCommand } from '../next-command.ts';
import { facts, related, type Story } from './story.ts';

/** One sealed entry of an evidence chain, by its hash. */
export async function evidenceEntryStories(catalog: CatalogReader, hash: string): Promise<Story[]> {
  const rows = await catalog
    .selectFrom('evidence')
    .select(['chain', 'seq', 'kind', 'run_id', 'previous_hash', 'sealed_at'])
    .where('hash', '=', hash)
    .execute();
  return rows.map((row) => ({
    kind: 'evidence_entry',
    title: `evidence ${row.chain}@${row.seq}: ${row.kind}`,
    facts: facts({
      hash,
      'sealed at': row.sealed_at,
      'to verify': nextCommand('evidence', 'verify', '--expect-head', `${row.chain}@${row.seq}:${hash}`),
    }),
    related: related({
      run: row.run_id,
      manifest: row.chain,
      'entry before': row.seq > 1 ? row.previous_hash : null,
    }),
    next: null,
  }));
}
