import type { DeletionRule } from '../../bronze/current/version-rule.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { findTable } from '../../catalog/iceberg-tables.ts';
import { readFold } from '../../commit/open-current.ts';
import { BRONZE_NAMESPACE, currentOf, isCurrent, placeOf, wholeName } from '../../model/table-names.ts';
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
    title: `table ${wholeName(name)}`,
    facts: facts({
      rows: head.totalRecords,
      files: head.totalFiles,
      ...(isCurrent(name) ? await foldFacts(catalog, { name, keys: head.totalRecords }) : {}),
      metadata: head.metadataLocation,
    }),
    related: [
      ...related({ head: head.snapshotId }),
      ...related(
        isCurrent(name) ? { 'all versions': `bronze.${placeOf(name).name}` } : await foldOf(catalog, name),
      ),
      ...commits.map((commit) => ({
        label: 'commit',
        value: `${counted(commit.added_records, 'row')} by run ${commit.run_id} (${commit.committed_at})`,
        query: commit.snapshot_id,
      })),
    ],
    next: null,
  };
}

/** A table of newest versions beside one of Bronze. */
async function foldOf(catalog: CatalogReader, name: string): Promise<Record<string, string>> {
  return (await findTable(catalog, currentOf(name))) === null ? {} : { 'newest versions': currentOf(name) };
}

async function foldFacts(
  catalog: CatalogReader,
  { name, keys }: { name: string; keys: number },
): Promise<Record<string, string | number | null>> {
  const { rule, foldedFrom } = await readFold(catalog, name);
  const bronze = await findTable(catalog, placeOf(name).name);
  return {
    'one row for each': rule?.key ?? null,
    'newest by': [...(rule?.order ?? []), 'run, source and line'].join(', then '),
    'deleted by': rule?.deletion === undefined ? null : deletionText(rule.deletion),
    superseded: bronze === null ? null : (await readTableHead(bronze)).totalRecords - keys,
    'folded from snapshot': foldedFrom,
  };
}

function deletionText({ column, values }: DeletionRule): string {
  return values === null ? `any ${column}` : `${column} ${values.join(' or ')}`;
}
