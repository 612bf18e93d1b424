import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type BenchResults, renderPage } from './render-results.ts';
import { runBench } from './run.ts';
import { memoryBreaches, type SizeSummary, spread } from './summary.ts';
import { ticketFile } from './ticket-file.ts';

const RECORDS = 2000;
const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
const dataDir = join(folder, 'data');
const scratchDir = join(folder, 'scratch');
after(() => rmSync(folder, { recursive: true }));

const bench = () =>
  runBench({
    sizes: [{ records: RECORDS, runs: 1 }],
    dataDir,
    scratchDir,
    keep: false,
    command: 'npm run bench -- --records 2000 --runs 1',
    onProgress: () => undefined,
  });

describe('a benchmark of a small file', () => {
  let results: BenchResults;
  let size: SizeSummary;

  before(async () => {
    results = await bench();
    size = results.sizes[0] as SizeSummary;
  });

  it('measures the job, the job again and every floor', () => {
    const { planted } = JSON.parse(readFileSync(join(dataDir, 'tickets-2000.json'), 'utf8'));
    assert.equal(size.records, RECORDS);
    assert.equal(size.sizeBytes, planted.size_bytes);
    const names = size.contestants.map(({ contestant }) => contestant);
    const floors = results.hasOpenssl ? ['duckdb', 'copy', 'sha256'] : ['duckdb', 'copy'];
    assert.deepEqual(names, ['tidemark', 'again', ...floors]);
    for (const { contestant, wallSeconds, cpuSeconds, peakRssBytes } of size.contestants) {
      assert.ok(wallSeconds.median > 0 && cpuSeconds.median >= 0, contestant);
      if (contestant === 'tidemark') assert.ok((peakRssBytes?.median ?? 0) > 50 * 1024 * 1024);
    }
    assert.ok(size.toBare.median > 0 && size.toFloors.median > 0 && size.cpuToBare.median > 0);
    assert.ok(size.toFloors.median < size.toBare.median);
  });

  it('says where the time goes, down to the end of the process', () => {
    const [job] = size.contestants;
    const seconds = size.stages.reduce((sum, stage) => sum + stage.seconds, 0);
    assert.ok(Math.abs(seconds - (job?.wallSeconds.median ?? 0)) < 1e-6);
    assert.equal(size.stages.length, 7);
    for (const { stage, seconds: spent } of size.stages) assert.ok(spent > 0, stage);
    const peaks = size.stages.map(({ peakRssBytes }) => peakRssBytes);
    assert.deepEqual(
      peaks,
      peaks.toSorted((a, b) => a - b),
    );
  });

  it('is told whole on its page, without the machine’s name or paths', () => {
    const page = renderPage(results);
    for (const { stage } of size.stages) assert.ok(page.includes(`| ${stage} `), stage);
    for (const part of [
      'tidemark run, again over the same home',
      'DuckDB bare: read_json → COPY parquet',
      'cp and sync of the file',
      'tidemark ÷ sum of the floors',
      '## What is not measured',
      'MiB: kept',
      process.version,
    ]) {
      assert.ok(page.includes(part), part);
    }
    assert.doesNotMatch(page, /NaN|undefined|Infinity/);
    assert.ok(!page.includes(folder) && !page.includes(import.meta.dirname));
  });

  it('leaves nothing but the generated file, and finds that again', async () => {
    assert.deepEqual(readdirSync(scratchDir), []);
    const path = join(dataDir, 'tickets-2000.jsonl');
    const { ino, mtimeNs } = statSync(path, { bigint: true });
    await ticketFile({ dataDir, records: RECORDS });
    assert.deepEqual(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
    assert.equal(statSync(path, { bigint: true }).ino, ino);
  });

  it('makes the file anew where it is not the one that was generated', async () => {
    const path = join(dataDir, 'tickets-2000.jsonl');
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]));
    await ticketFile({ dataDir, records: RECORDS });
    assert.ok(readFileSync(path).equals(bytes));
  });

  it('fails when the account is not what was planted', async () => {
    const note = join(dataDir, 'tickets-2000.json');
    const text = readFileSync(note, 'utf8');
    const { generator, planted } = JSON.parse(text);
    const wrong = { ...planted, accepted: planted.accepted - 1, duplicate: planted.duplicate + 1 };
    writeFileSync(note, JSON.stringify({ generator, planted: wrong }));
    try {
      await assert.rejects(bench(), {
        message: `The run's account is not what was planted:
  accepted: expected ${wrong.accepted}, found ${planted.accepted}
  duplicate: expected ${wrong.duplicate}, found ${planted.duplicate}
  rows of bronze.ticket: expected ${wrong.accepted}, found ${planted.accepted}
  rows of bronze.skips: expected ${wrong.duplicate}, found ${planted.duplicate}`,
      });
    } finally {
      writeFileSync(note, text);
    }
  });
});

describe('the memory of a benchmark', () => {
  const sized = (records: number, peak: number): SizeSummary => {
    const none = spread([1]);
    const job = {
      contestant: 'tidemark' as const,
      wallSeconds: none,
      cpuSeconds: none,
      peakRssBytes: spread([peak]),
      recordsPerSecond: 1,
      bytesPerSecond: 1,
    };
    const ratios = { toBare: none, toFloors: none, cpuToBare: none };
    return { records, sizeBytes: records, rounds: 1, contestants: [job], stages: [], ...ratios };
  };
  const MIB = 1024 * 1024;

  it('may not pass a gibibyte, nor grow with the file', () => {
    assert.deepEqual(memoryBreaches([sized(1, 700 * MIB), sized(4, 800 * MIB)]), []);
    assert.equal(memoryBreaches([sized(1, 1025 * MIB)]).length, 1);
    assert.equal(memoryBreaches([sized(4, 801 * MIB), sized(1, 700 * MIB)]).length, 1);
  });
});

describe('the command', () => {
  it('says how it is used when it is called wrongly', async () => {
    for (const args of [['--records', 'many'], ['--records', '1,2,3', '--runs', '1,2'], ['--fast']]) {
      const command = [join(import.meta.dirname, 'run.ts'), ...args];
      await assert.rejects(promisify(execFile)(process.execPath, command), (error: object) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return code === 2 && stderr.startsWith('usage: npm run bench');
      });
    }
  });
});
