import { sql } from 'kysely';
import type { CatalogReader } from '../catalog/catalog.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Contradiction } from './contradiction.ts';

/** Contradictions that are told at once; the next verification tells of the rest. */
const TOLD_MAX = 200;

/** What the catalog says now against its own history: revisions of batches, positions of sources, sizes of objects. */
export async function* standingContradictions(catalog: CatalogReader): AsyncGenerator<Contradiction> {
  yield* revisionContradictions(catalog);
  yield* positionContradictions(catalog, POSITIONS.cursors);
  yield* positionContradictions(catalog, POSITIONS.watermarks);
  yield* sizeContradictions(catalog);
}

/** A batch's revision is that of its last commit. */
async function* revisionContradictions(catalog: CatalogReader): AsyncGenerator<Contradiction> {
  const { rows } = await sql<{ manifest_id: string; batch_id: string; revision: number; last: number }>`
    SELECT b.manifest_id, b.batch_id, b.revision, coalesce(max(c.revision), 0) AS last
    FROM batches b LEFT JOIN commits c ON c.manifest_id = b.manifest_id AND c.batch_id = b.batch_id
    GROUP BY b.manifest_id, b.batch_id HAVING b.revision <> coalesce(max(c.revision), 0)
    LIMIT ${TOLD_MAX}`.execute(catalog);
  for (const { manifest_id: manifestId, batch_id: batchId, revision, last } of rows) {
    yield {
      sourceId: null,
      table: null,
      distinction: `revision of ${manifestId} ${batchId}`,
      message: `Batch ${batchId} of ${manifestId} is at revision ${last} by its commits; the catalog says ${revision}.`,
      facts: { revision: Number(revision), committed: Number(last) },
      query: nextCommand('show', batchId),
      suggestion: null,
      mend: async (tx) => {
        await tx
          .updateTable('batches')
          .set({ revision: Number(last) })
          .where('manifest_id', '=', manifestId)
          .where('batch_id', '=', batchId)
          .where('revision', '=', revision)
          .execute();
      },
    };
  }
}

const POSITIONS = {
  cursors: { object: 'cursor', field: 'cursor_field' },
  watermarks: { object: 'watermark', field: 'field' },
} as const;

/** A cursor or watermark stands where its last recorded move put it. */
async function* positionContradictions(
  catalog: CatalogReader,
  { object, field }: (typeof POSITIONS)['cursors' | 'watermarks'],
): AsyncGenerator<Contradiction> {
  const table = `${object}s` as const;
  const { rows } = await sql<{
    table_name: string;
    source_id: string;
    field: string;
    value: string;
    after: string;
  }>`
    SELECT p.table_name, p.source_id, ${sql.ref(`p.${field}`)} AS field, p.value, m.after
    FROM ${sql.table(table)} p JOIN progress_moves m ON m.seq = (
      SELECT max(seq) FROM progress_moves WHERE object = ${object} AND table_name = p.table_name
        AND source_id = p.source_id AND field = ${sql.ref(`p.${field}`)})
    WHERE m.after <> p.value LIMIT ${TOLD_MAX}`.execute(catalog);
  for (const { table_name: tableName, source_id: sourceId, field: name, value, after } of rows) {
    yield {
      sourceId,
      table: tableName,
      distinction: `${object} ${name}`,
      message: `The ${object} of ${sourceId} in bronze.${tableName} (${name}) was last moved to ${after}; the catalog says ${value}.`,
      facts: { value, after },
      query: nextCommand('state', 'history', sourceId),
      suggestion: null,
      mend: async (tx) => {
        await sql`UPDATE ${sql.table(table)} SET value = ${after}
          WHERE table_name = ${tableName} AND source_id = ${sourceId} AND ${sql.ref(field)} = ${name}
            AND value = ${value}`.execute(tx);
      },
    };
  }
}

/** The size of an object is the size that was received. */
async function* sizeContradictions(catalog: CatalogReader): AsyncGenerator<Contradiction> {
  const { rows } = await sql<{ sha256: string; size_bytes: number; received: number }>`
    SELECT o.sha256, o.size_bytes, min(r.size_bytes) AS received
    FROM objects o JOIN receipts r ON r.sha256 = o.sha256
    GROUP BY o.sha256 HAVING min(r.size_bytes) = max(r.size_bytes) AND min(r.size_bytes) <> o.size_bytes
    LIMIT ${TOLD_MAX}`.execute(catalog);
  for (const { sha256, size_bytes: size, received } of rows) {
    yield {
      sourceId: null,
      table: null,
      distinction: `size of ${sha256}`,
      message: `Object ${sha256.slice(0, 16)}… was received with ${received} bytes; the catalog says ${size}.`,
      facts: { sha256, size: Number(size), received: Number(received) },
      query: `SELECT * FROM objects WHERE sha256 = '${sha256}'`,
      suggestion: null,
      mend: async (tx) => {
        await tx
          .updateTable('objects')
          .set({ size_bytes: Number(received) })
          .where('sha256', '=', sha256)
          .execute();
      },
    };
  }
}
