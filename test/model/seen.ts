import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataEngine, openDataEngine, type Row, sqlList } from '../../tidemark/src/bronze/data-engine.ts';
import { readTableMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../../tidemark/src/bronze/iceberg/read-table.ts';
import { pathOf, tableIo } from '../../tidemark/src/bronze/table-io.ts';
import { listTables } from '../../tidemark/src/catalog/iceberg-tables.ts';
import { openSqliteCatalog } from '../../tidemark/src/catalog/open-sqlite.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';

/** What a consumer sees, line by line, sorted: the same text of the tables and of the model is the same world. */
export type View = Readonly<Record<string, readonly string[]>>;

const SELECT: Readonly<Record<string, string>> = {
  ticket: `place || ' ' || ticket_id[2:] || '.' || note || '.' || status`,
  rejects: `place || ' ' || rule`,
  skips: `place || ' ' || outcome || coalesce(' of ' || keeper_batch_id || '/' || keeper_source_id || ':' || keeper_line, '')`,
  quarantine: `place || ' ' || disposition || ' ' || list_aggregate(list_sort(list_transform(
    list_filter(reasons, r -> r.rule <> 'missing_checksum'), r -> r.rule)), 'string_agg', '+')`,
};

/** Reads tables as a foreign reader does: catalog, metadata, manifests, data files; never a folder. */
export class Reader implements AsyncDisposable {
  readonly #read = new Map<string, readonly string[]>();
  #engine: DataEngine | null = null;

  async tables(home: string): Promise<View> {
    const catalog = openSqliteCatalog({ path: join(home, 'catalog.db'), readOnly: true });
    try {
      const view: Record<string, readonly string[]> = {};
      for (const { table, metadataLocation } of await listTables(catalog)) {
        const known = this.#read.get(metadataLocation);
        view[table] = known ?? (await this.#table(table, metadataLocation));
        this.#read.set(metadataLocation, view[table]);
      }
      const cursors = await catalog.selectFrom('cursors').selectAll().execute();
      const watermarks = await catalog.selectFrom('watermarks').selectAll().execute();
      const incidents = await catalog
        .selectFrom('incidents')
        .selectAll()
        .where('state', '<>', 'resolved')
        .execute();
      return {
        ...view,
        cursors: cursors.map((row) => `${row.source_id} ${row.value}`).sort(),
        watermarks: watermarks.map((row) => `${row.source_id} ${row.value}`).sort(),
        incidents: incidents
          .map((row) => `${row.state} ${row.kind} ${row.manifest_id} ${row.batch_id} ${row.source_id}`)
          .sort(),
      };
    } finally {
      await catalog.destroy();
    }
  }

  async #table(table: string, metadataLocation: string): Promise<readonly string[]> {
    const { metadata } = await readTableMetadata(tableIo, metadataLocation);
    const files = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
    if (files.length === 0) return [];
    const spillDir = join(tmpdir(), 'tidemark-test-spill');
    this.#engine ??= await openDataEngine({ spillDir, limits: { ...DEFAULT_LIMITS, duckdbThreads: 1 } });
    const line = table === 'quarantine' ? '' : ` || ':' || record_line`;
    const place = `split_part(manifest_id, '-', 2) || '/' || batch_id || '/' || source_id${line}`;
    const paths = files.map(({ uri }) => pathOf(uri));
    const rows: Row[] = await this.#engine.rows(
      `SELECT ${SELECT[table] ?? 'NULL'} AS seen
       FROM (SELECT *, ${place} AS place FROM read_parquet(${sqlList(paths)}, union_by_name = true))`,
    );
    return rows.map(({ seen }) => String(seen)).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
  }
}

/** What differs between two views, for a person. */
export function differences(expected: View, seen: View): string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(seen)])].sort().flatMap((part) => {
    const [wanted, found] = [expected[part] ?? [], seen[part] ?? []];
    const missing = without(wanted, found).map((text) => `${part}: missing   ${text}`);
    return [...missing, ...without(found, wanted).map((text) => `${part}: too many  ${text}`)];
  });
}

/** As multisets. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return all.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
