import { type DataEngine, sqlName } from '../data-engine.ts';
import type { LiveFile } from '../iceberg/read-table.ts';
import { columnByName } from '../iceberg/schema.ts';
import { pathOf } from '../table-io.ts';
import { deletionSql } from './deletions.ts';
import {
  groupTouched,
  type KeyedFile,
  type KeyGroup,
  keyLiteral,
  orderByKey,
  reachOf,
} from './key-ranges.ts';
import { enterSplits, keyedRows, newestOf, standingOf, type Versions } from './version-rows.ts';
import { type FoldTarget, writeCurrentFiles } from './write-current-files.ts';

/** Rows of Bronze that come into the table of the newest versions, and whose keys that concerns. */
export interface Fold extends Versions {
  readonly target: FoldTarget;
  /** Files of the table as it is. */
  readonly live: readonly LiveFile[];
  /** Files of Bronze whose rows compete. */
  readonly versions: readonly string[];
  /** Files whose keys are touched; null: every key there is, so that nothing of `live` is read. */
  readonly touching: readonly string[] | null;
  /** Whether the rows that touched keys have in the table compete too: not where rows of Bronze went out. */
  readonly isAddition: boolean;
  /**
   * Other files of Bronze, of which only the deletions compete: the table does not keep them, and what comes in may be older.
   * Of use to an addition alone; else all of Bronze competes.
   */
  readonly deletedBefore: readonly string[];
  /** By unit: the split that it is of. */
  readonly splits: ReadonlyMap<string, string>;
  /** Called before anything is written, with the bytes of the files that are written anew; throws where they will not fit. */
  assertRoom(rewrittenBytes: number): Promise<void>;
}

export interface Folded {
  readonly added: Awaited<ReturnType<typeof writeCurrentFiles>>;
  /** URIs of files whose rows are in those now, or gone. */
  readonly removed: readonly string[];
  /** Of the keys that were touched, those whose newest row is a deletion. */
  readonly deletedKeys: number;
}

/**
 * Writes anew the files of touched keys, and no others. Files hold ranges of keys, so that keys which come in order touch the
 * last of them alone, and readers that look for a key skip the rest. What does not fit in memory is spilled by DuckDB.
 */
export async function foldRows(engine: DataEngine, fold: Fold): Promise<Folded> {
  await enterSplits(engine, fold.splits);
  if (fold.touching === null) {
    await fold.assertRoom(bytesOf(fold.live));
    const written = await writeStanding(engine, { fold, rows: keyedRows(fold, fold.versions), part: 0 });
    return { ...written, removed: fold.live.map(({ uri }) => uri) };
  }
  if (fold.touching.length === 0) return { added: [], removed: [], deletedKeys: 0 };
  const key = sqlName(fold.rule.key);
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT ${key} AS key FROM (${keyedRows(fold, fold.touching)})`,
  );
  const groups = await touchedGroups(engine, fold);
  await fold.assertRoom(bytesOf(groups.flatMap(({ files }) => files)));
  const incoming = await incomingRows(engine, { fold, groups });
  const files: Folded['added'][number][] = [];
  let deletedKeys = 0;
  for (const [part, group] of groups.entries()) {
    const stored = keyedRows(
      fold,
      group.files.map(({ uri }) => pathOf(uri)),
    );
    const left = fold.isAddition
      ? stored
      : `SELECT * FROM (${stored}) WHERE ${key} NOT IN (SELECT key FROM touched)`;
    const rows = `SELECT * FROM (${incoming}) WHERE ${withinSql(fold, group)} UNION ALL BY NAME ${left}`;
    const written = await writeStanding(engine, { fold, rows, part });
    files.push(...written.added);
    deletedKeys += written.deletedKeys;
  }
  return {
    added: files,
    removed: groups.flatMap((group) => group.files.map(({ uri }) => uri)),
    deletedKeys,
  };
}

function bytesOf(files: readonly LiveFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Writes what is left standing of competing rows, and counts the keys that are not. */
async function writeStanding(
  engine: DataEngine,
  { fold, rows, part }: { fold: Fold; rows: string; part: number },
): Promise<Pick<Folded, 'added' | 'deletedKeys'>> {
  const added = await writeCurrentFiles(engine, { ...fold, rows: standingOf(fold, rows), part });
  if (fold.rule.deletion === undefined) return { added, deletedKeys: 0 };
  const [counted] = await engine.rows(
    `SELECT count(DISTINCT ${sqlName(fold.rule.key)}) AS keys FROM (${rows})`,
  );
  const standing = added.reduce((sum, { recordCount }) => sum + recordCount, 0);
  return { added, deletedKeys: Number(counted?.keys) - standing };
}

/** The rows of Bronze that compete; read once where several groups take from them. */
async function incomingRows(
  engine: DataEngine,
  { fold, groups }: { fold: Fold; groups: readonly KeyGroup[] },
): Promise<string> {
  const key = sqlName(fold.rule.key);
  const rows = keyedRows(fold, fold.versions);
  const ofTouched = `${key} IN (SELECT key FROM touched)`;
  const deletion = deletionSql(fold.rule);
  const deleted =
    deletion === null || fold.deletedBefore.length === 0
      ? ''
      : ` UNION ALL BY NAME SELECT * FROM (${keyedRows(fold, fold.deletedBefore)}) WHERE ${deletion} AND ${ofTouched}`;
  const competing = fold.isAddition ? `${rows}${deleted}` : `SELECT * FROM (${rows}) WHERE ${ofTouched}`;
  if (groups.length < 2) return competing;
  await engine.run(`CREATE OR REPLACE TEMP TABLE incoming AS ${newestOf(fold, competing)}`);
  return 'SELECT * FROM incoming';
}

async function touchedGroups(engine: DataEngine, fold: Fold): Promise<readonly KeyGroup<LiveFile>[]> {
  const whole = [{ files: fold.live, from: null, below: null }];
  const column = columnByName(fold.schema, fold.rule.key);
  const ordered = column === null ? null : orderByKey(fold.live, column);
  if (ordered === null || ordered.length < 2) return whole;
  return groupTouched(ordered, await touchedFiles(engine, { ordered, type: String(column?.type) }));
}

async function touchedFiles(
  engine: DataEngine,
  { ordered, type }: { ordered: readonly KeyedFile[]; type: string },
): Promise<Set<number>> {
  const ranges = ordered.map((_, index) => {
    const { from, to } = reachOf(ordered, index);
    const [low, high] = [from, to].map((value) => (value === null ? 'NULL' : keyLiteral(type, value)));
    return `(${index}, ${low}, ${high})`;
  });
  const rows = await engine.rows(
    `SELECT DISTINCT f.place FROM (VALUES ${ranges.join(', ')}) f(place, low, high)
     JOIN touched t ON (f.low IS NULL OR t.key >= f.low) AND (f.high IS NULL OR t.key <= f.high)`,
  );
  return new Set(rows.map(({ place }) => Number(place)));
}

function withinSql({ schema, rule }: Fold, { from, below }: KeyGroup): string {
  const type = String(columnByName(schema, rule.key)?.type);
  const key = sqlName(rule.key);
  return [
    'true',
    ...(from === null ? [] : [`${key} >= ${keyLiteral(type, from)}`]),
    ...(below === null ? [] : [`${key} < ${keyLiteral(type, below)}`]),
  ].join(' AND ');
}

/** Of Bronze's files, those that can be read to the last cell: what a fold can be made of where some are lost. */
export async function readableFiles(
  engine: DataEngine,
  { paths, ...versions }: Versions & { readonly paths: readonly string[] },
): Promise<string[]> {
  const readable: string[] = [];
  for (const path of paths) {
    const cells = `SELECT sum(hash(r)) FROM (${keyedRows(versions, [path])}) r`;
    const isReadable = await engine.rows(cells).then(
      () => true,
      () => false,
    );
    if (isReadable) readable.push(path);
  }
  return readable;
}
