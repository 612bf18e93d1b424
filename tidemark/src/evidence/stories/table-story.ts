import type { CatalogReader } from '../../catalog/catalog.ts';
import { findTable } from '../../catalog/iceberg-tables.ts';
import { BRONZE_NAMESPACE } from '../../model/table-names.ts';
import { readTableHead } from '../table-heads.ts';
import { counted, facts, related, type Story } from './story.ts';

/** Commits of a table that are listed, the newest ones. */
const COMMITS_MAX = 20;

/** A table by its name, with or without its namespace. */
export async function tableStory(catalog: CatalogReader, text: string): Promise<Story | null> {
  const name = text.startsWith(`${BRONZE_NAMESPACE}.`) ? text.slice(BRONZE_NAMESPACE.length + 1) : text;
  const pointer = await findTable(catalog, name);
  if (pointer === null) return null;
  const head = await readTableHead(pointer);
  const commits = await catalog
    .selectFrom('commits')
    .selectAll()
    .where('table_name', '=', name)
    .orderBy('committed_at', 'desc')
    .limit(COMMITS_MAX)
    .execute();
  return {
    kind: 'table',
    title: `table ${BRONZE_NAMESPACE}.${name}`,
    facts: facts({ rows: head.totalRecords, files: head.totalFiles, metadata: head.metadataLocation }),
    related: [
      ...related({ head: head.snapshotId }),
      ...commits.map((commit) => ({
        label: 'commit',
        value: `${counted(commit.added_records, 'row')} by run ${commit.run_id} (${commit.committed_at})`,
        query: commit.snapshot_id,
      })),
    ],
    next: null,
  };
}
