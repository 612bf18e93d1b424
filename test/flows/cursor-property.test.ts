import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findCursor } from '../../tidemark/src/catalog/progress.ts';
import { openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const PATH = 'data/desk.db';
const LOOKBACK_DAYS = 2;

/** The day of April that a new row was changed on; null: it has none. Few days, so that ties and late ones are common. */
type Day = number | null;
const days = fc.option(fc.integer({ min: 1, max: 12 }), { freq: 6 });
/** What is inserted before each run, in any order. */
const stories = fc.array(fc.array(days, { maxLength: 4 }), { minLength: 2, maxLength: 5 });

const instant = (day: number) => `2026-04-${String(day).padStart(2, '0')}T00:00:00Z`;
const changed = (number: number, day: Day) =>
  ticket(number, { updated_at: day === null ? null : instant(day) });

describe('An incremental source, whatever is inserted between its runs', () => {
  it('loses and doubles nothing from its cursor less the lookback on, counts what came behind, and is never ahead', async () => {
    await fc.assert(fc.asyncProperty(stories, play), { numRuns: 8 });
  });
});

/** Against a reference that knows of every row its day, and whether a run had to bring it. */
async function play(story: Day[][]): Promise<void> {
  await using project = await deskProject();
  const inserted: Day[] = [];
  const brought = new Set<number>();
  let cursor: number | null = null;
  for (const round of story) {
    await insert(project, round, inserted.length);
    inserted.push(...round);
    const start: number = cursor === null ? 0 : cursor - LOOKBACK_DAYS;
    for (const [index, day] of inserted.entries()) if (day === null || day >= start) brought.add(index + 1);
    const seen = inserted.filter((day) => day !== null);
    if (seen.length > 0) cursor = Math.max(...seen);

    const report = await runOnly(project);
    const rows = (await tablesAsSeen(homeOf(project))).ticket ?? [];
    const found = rows.map(numberOf).toSorted((a, b) => a - b);
    assert.deepEqual(
      found,
      [...brought].toSorted((a, b) => a - b),
    );
    assert.equal(await cursorOf(project), cursor === null ? undefined : instant(cursor));
    const behind = (report.assets[0]?.gaps ?? []).reduce((sum, { source, read }) => sum + source - read, 0);
    assert.equal(behind, inserted.length - brought.size);
  }
}

async function deskProject(): Promise<SampleProject> {
  const project = await sampleProject();
  const settings = `{ lookback: ${LOOKBACK_DAYS}d, null_cursor: include }`;
  await project.write('tidemark.yaml', `manifest_settings: { manifest-m-20260401-001: ${settings} }\n`);
  const database = await openDatabase(project, PATH);
  createTable(database, 'tickets', changed(1, 1));
  database.close();
  const desk = { source_id: 'desk', metadata_status: 'complete', pii_scan_status: 'clear' } as const;
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
    assets: [{ ...desk, asset_type: 'jsonl', source_url_or_path: `sqlite:${PATH}?table=tickets` }],
  });
  return project;
}

async function insert(project: SampleProject, round: readonly Day[], before: number): Promise<void> {
  const database = await openDatabase(project, PATH);
  insertRows(
    database,
    'tickets',
    round.map((day, index) => changed(before + index + 1, day)),
  );
  database.close();
}

async function cursorOf(project: SampleProject): Promise<string | undefined> {
  const catalog = await openCatalogOf(homeOf(project));
  try {
    const of = { table: 'ticket', sourceId: 'desk', field: 'updated_at' };
    return (await findCursor(catalog, of))?.value;
  } finally {
    await catalog.destroy();
  }
}

function numberOf(row: string): number {
  return Number(/TKT-\d{8}-(\d{6})/.exec(row)?.[1]);
}
