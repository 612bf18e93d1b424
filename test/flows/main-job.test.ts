import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { configureServices } from '../../tidemark/src/testing/services.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('run-recording-opens.ts', import.meta.url));

interface Recorded {
  readonly runs: readonly RunReport[];
  readonly opened: readonly string[];
  readonly engines: readonly string[];
}

/** What the generator planted in one ticket file, known without the engine. */
interface Planted {
  readonly path: string;
  readonly source_id: string;
  readonly held?: boolean;
  readonly read: number;
  readonly blank: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly duplicate_of_history: number;
  readonly out_of_window: number;
  readonly malformed: number;
  readonly invalid: number;
  readonly rejected_lines: readonly {
    readonly line: number;
    readonly rules: readonly { readonly rule: string; readonly pointer?: string }[];
  }[];
  readonly duplicate_lines: readonly {
    readonly line: number;
    readonly keeper: { readonly path: string; readonly line: number };
  }[];
}

describe('the main job on the bundled manifests', () => {
  let root: string;
  let first: Recorded;
  let home: string;

  const run = (): Recorded =>
    JSON.parse(
      execFileSync(process.execPath, [script, root], { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 }),
    );

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-main-'));
    home = join(root, '.tidemark');
    for (const folder of ['data', 'contracts'])
      cpSync(join(checkout, folder), join(root, folder), { recursive: true });
    await configureServices(root);
    first = run();
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('commits every manifest, closes every account and proves every commit', () => {
    assert.ok(first.runs.length >= 7);
    for (const report of first.runs) {
      assert.equal(report.state, 'committed', `${report.manifestId}: ${report.failure?.message}`);
      assert.equal(report.reconciliation?.verdict, 'pass', report.manifestId);
      const { read, blank: _, ...outcomes } = report.recordTally;
      assert.equal(
        read,
        Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      );
      assert.equal(report.assetTally.refused + report.assetTally.failed, 0);
    }
  });

  it('gives each ticket file the outcomes that its generator planted, line by line', async () => {
    const planted = JSON.parse(readFileSync(join(root, 'data/seeds/expected.json'), 'utf8')) as Record<
      string,
      Planted[]
    >;
    const files = [...(planted.tickets_full ?? []), ...(planted.tickets_incremental_practice ?? [])].filter(
      ({ held }) => !held,
    );
    const assets = first.runs.flatMap((report) => report.assets);
    const seen = await tablesAsSeen(home);
    assert.equal(files.length, 6);
    for (const file of files) {
      const records = assets.find(({ declaredPath }) => declaredPath === file.path)?.records;
      assert.deepEqual(
        { ...records },
        {
          read: file.read,
          blank: file.blank,
          accepted: file.accepted,
          duplicate: file.duplicate + file.duplicate_of_history,
          out_of_window: file.out_of_window,
          quarantined: 0,
          rejected: file.malformed + file.invalid,
        },
        file.path,
      );
      const mine = (table: string) =>
        (seen[table] ?? [])
          .map((row) => Object.fromEntries(JSON.parse(row)))
          .filter((row) => row.source_id === file.source_id);
      assert.deepEqual(
        mine('rejects')
          .map((row) => Number.parseInt(row.record_line, 10))
          .sort((a, b) => a - b),
        file.rejected_lines.map(({ line }) => line),
        file.path,
      );
      const duplicates = mine('skips').filter((row) => row.outcome === 'duplicate');
      assert.deepEqual(
        duplicates
          .map((row) => [Number.parseInt(row.record_line, 10), Number.parseInt(row.keeper_line, 10)])
          .sort(([a], [b]) => a! - b!),
        file.duplicate_lines.map(({ line, keeper }) => [line, keeper.line]),
        file.path,
      );
    }
  });

  it('again commits nothing, leaves every table where it was, says by which run, and reads no data file', async () => {
    const before = await heads(home);
    const rows = await tablesAsSeen(home);
    const second = run();
    assert.deepEqual(await heads(home), before);
    assert.deepEqual(await tablesAsSeen(home), rows);
    const committers = new Map(
      first.runs.flatMap((report) =>
        report.assets.map((asset) => [`${report.manifestId} ${asset.sourceId}`, report.runId] as const),
      ),
    );
    for (const report of second.runs) {
      assert.equal(report.state, 'nothing_to_commit');
      for (const asset of report.assets) {
        assert.match(asset.outcome, /^(already_committed|held)$/);
        assert.equal(asset.committedBy, committers.get(`${report.manifestId} ${asset.sourceId}`));
      }
    }
    assert.deepEqual(
      second.opened.filter((path) => path.endsWith('.parquet')),
      [],
    );
    // Nothing else in the process can have opened one: DuckDB was never loaded.
    assert.deepEqual(second.engines, []);
    assert.ok(first.engines.length > 0, 'the first run did load DuckDB, so the check can see it');
    assert.ok(
      second.opened.some((path) => path.endsWith('.jsonl')),
      'the sources were read, so opens are recorded',
    );
  });

  it('stands the same in the smoke report after the second run', async () => {
    await using tidemark = await openTidemark({ project: root });
    const once = await tidemark.smokeReport(await tidemark.run());
    const twice = await tidemark.smokeReport(await tidemark.run());
    assert.equal(once, twice);
    for (const { runId, startedAt } of first.runs)
      assert.doesNotMatch(once, new RegExp(`${runId}|${startedAt.slice(0, 10)}T`));
  });
});
