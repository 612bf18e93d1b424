import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Age } from './age-once.ts';
import { type BenchResults, renderPage } from './page.ts';
import { readProfiles } from './profile.ts';
import { runBench } from './run.ts';
import { AGE, type AgeFigures } from './section-age.ts';
import type { BinaryFigures } from './section-binary.ts';
import type { HistoryFigures } from './section-history.ts';
import type { ProfileFigures } from './section-profile.ts';
import type { StartupFigures } from './section-startup.ts';
import type { TicketFigures } from './section-tickets.ts';
import { keeps, memoryBreaches, type SizeSummary, spread } from './summary.ts';
import { ticketFile } from './ticket-file.ts';

const RECORDS = 2000;
const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
const dataDir = join(folder, 'data');
const scratchDir = join(folder, 'scratch');
// Where there is no Python the peers written in it are left out: nothing is downloaded for a test.
const path = process.env.PATH;
before(() => {
  process.env.PATH = folder;
  for (const name of ['sh', 'cp', 'sync', 'openssl']) {
    const found = (path ?? '')
      .split(':')
      .map((dir) => join(dir, name))
      .find((file) => existsSync(file));
    if (found !== undefined) symlinkSync(found, join(folder, name));
  }
});
after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

const bench = (sections: readonly string[]) =>
  runBench({
    sections,
    sizes: [{ records: RECORDS, runs: 1 }],
    peerRecords: 100,
    binaryFiles: 2,
    binaryFileBytes: 1_000_044,
    binaryRuns: 1,
    startRuns: 2,
    profileRecords: 500,
    commits: 12,
    history: { records: 2_000, files: 4, incoming: 100 },
    dataDir,
    scratchDir,
    keep: false,
    command: 'npm run bench -- --records 2000 --runs 1',
    onProgress: () => undefined,
  });

describe('a benchmark of small files', () => {
  let results: BenchResults;
  let tickets: TicketFigures;
  let size: SizeSummary;

  before(async () => {
    results = await bench(['tickets', 'binary', 'startup', 'history', 'age', 'profile']);
    tickets = results.sections.tickets as TicketFigures;
    size = tickets.sizes[0] as SizeSummary;
  });

  it('measures the job, the job again, the floors and the peers that are to be had', () => {
    const { planted } = JSON.parse(readFileSync(join(dataDir, 'tickets-2000.json'), 'utf8'));
    assert.equal(size.records, RECORDS);
    assert.equal(size.sizeBytes, planted.size_bytes);
    const names = size.contestants.map(({ contestant }) => contestant);
    const floors = tickets.hasOpenssl ? ['duckdb', 'copy', 'sha256'] : ['duckdb', 'copy'];
    assert.deepEqual(names, ['tidemark', 'again', 'trusted', ...floors, 'node']);
    assert.match(tickets.peers.missing ?? '', /python3/);
    for (const { contestant, wallSeconds, cpuSeconds, peakRssBytes } of size.contestants) {
      assert.ok(wallSeconds.median > 0 && cpuSeconds.median >= 0, contestant);
      if (contestant === 'tidemark') assert.ok((peakRssBytes?.median ?? 0) > 50 * 1024 * 1024);
    }
    for (const { name, value } of size.ratios) assert.ok(value.median > 0, name);
  });

  it('says where the time goes, down to the end of the process', () => {
    assert.equal(size.stages.length, 7);
    for (const { stage, seconds: spent } of size.stages) assert.ok(spent > 0, stage);
    const peaks = size.stages.map(({ peakRssBytes }) => peakRssBytes);
    assert.deepEqual(
      peaks,
      peaks.toSorted((a, b) => a - b),
    );
    const { profile } = results.sections.profile as ProfileFigures;
    const all = profile.groups.reduce((sum, { seconds }) => sum + seconds, 0);
    assert.ok(profile.threads >= 1 && Math.abs(all - profile.busySeconds) < 1e-6);
  });

  it('moves binary files, and finds them again', () => {
    const { files, movers, ratios } = results.sections.binary as BinaryFigures;
    assert.equal(files, 2);
    assert.ok(movers.length >= 4);
    assert.equal(ratios.length, 3);
  });

  it('finds every record again that a table holds already, and no other', () => {
    const { takenIn } = results.sections.history as HistoryFigures;
    assert.deepEqual(
      takenIn.map(({ duplicates }) => duplicates),
      [0, 0, 0, 0, 100],
    );
  });

  it('lets a table get as old as asked', () => {
    const { ages } = results.sections.age as AgeFigures;
    assert.deepEqual(
      ages.map(({ commits }) => commits),
      [1, 10, 12],
    );
    for (const { commitSeconds, metadataBytes, dataFiles } of ages)
      assert.ok(commitSeconds > 0 && metadataBytes > 0 && dataFiles > 0);
  });

  it('starts the published command as often as asked', () => {
    const { starts } = results.sections.startup as StartupFigures;
    assert.deepEqual(
      starts.map(({ command }) => command),
      ['node -e 0', 'tidemark --help', 'tidemark status'],
    );
    assert.deepEqual(starts[0]?.ratio, spread([1]));
  });

  it('is told whole on its page, without the machine’s name or paths', () => {
    const page = renderPage(results);
    for (const { stage } of size.stages) assert.ok(page.includes(`| ${stage} `), stage);
    for (const part of [
      'tidemark run, again over the same home',
      'DuckDB bare: read_json → COPY parquet',
      'cp and sync of the file',
      'Node pipeline ÷ tidemark',
      'The Python peers did not take part',
      '## Binary assets',
      '## Start-up',
      '## Duplicates against history',
      '## A table that gets old',
      '## What costs what',
      '## What is not measured',
      process.version,
    ]) {
      assert.ok(page.includes(part), part);
    }
    assert.doesNotMatch(page, /NaN|undefined|Infinity/);
    assert.ok(!page.includes(folder) && !page.includes(join(import.meta.dirname, '..')));
  });

  it('leaves nothing but the generated files, and finds them again', async () => {
    assert.deepEqual(readdirSync(scratchDir), []);
    const path = join(dataDir, 'tickets-2000.jsonl');
    const { ino } = statSync(path, { bigint: true });
    await ticketFile({ dataDir, records: RECORDS });
    assert.equal(statSync(path, { bigint: true }).ino, ino);
  });

  it('makes a file anew where it is not the one that was generated', async () => {
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
      await assert.rejects(bench(['tickets']), {
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

describe('a profile', () => {
  it('adds up the time of every thread by what it was for, and leaves out where nothing was done', async () => {
    const dir = mkdtempSync(join(folder, 'profile-'));
    const node = (id: number, functionName: string, url: string) => ({
      id,
      callFrame: { functionName, url, lineNumber: 0 },
    });
    const profile = {
      nodes: [
        node(1, '(idle)', ''),
        node(2, 'validate0', ''),
        node(3, 'land', 'file:///p/dist/landing/land-file.js'),
      ],
      samples: [1, 2, 2, 3],
      timeDeltas: [5_000_000, 1_000_000, 500_000, 250_000],
    };
    for (const name of ['a', 'b']) writeFileSync(join(dir, `${name}.cpuprofile`), JSON.stringify(profile));
    assert.deepEqual(await readProfiles(dir), {
      threads: 2,
      busySeconds: 3.5,
      groups: [
        { name: 'contract: judging records', seconds: 3 },
        { name: 'landing: SHA-256 of the source, its copy', seconds: 0.5 },
      ],
      functions: [
        { name: 'validate0', seconds: 3 },
        { name: 'land — landing/land-file.js', seconds: 0.5 },
      ],
    });
  });
});

describe('a bound', () => {
  it('is kept by the median, at most or at least', () => {
    const value = spread([1, 2, 9]);
    const bounds = [
      [{ kind: 'at_most', value: 2 }, true],
      [{ kind: 'at_most', value: 1.9 }, false],
      [{ kind: 'at_least', value: 2 }, true],
      [{ kind: 'at_least', value: 2.1 }, false],
      [null, true],
    ] as const;
    for (const [bound, kept] of bounds) assert.equal(keeps({ value, bound }), kept);
  });

  const sized = (records: number, peak: number): SizeSummary => {
    const none = spread([1]);
    const job = {
      contestant: 'tidemark' as const,
      records,
      wallSeconds: none,
      cpuSeconds: none,
      peakRssBytes: spread([peak]),
      recordsPerSecond: 1,
      bytesPerSecond: 1,
    };
    return { records, sizeBytes: records, rounds: 1, contestants: [job], stages: [], ratios: [] };
  };

  it('of memory is 700 MB, and 100 MB more for the largest file', () => {
    assert.deepEqual(memoryBreaches([sized(1, 600e6), sized(4, 700e6)]), []);
    assert.equal(memoryBreaches([sized(1, 701e6)]).length, 1);
    assert.equal(memoryBreaches([sized(4, 690e6), sized(1, 580e6)]).length, 1);
  });
});

describe('the command', () => {
  it('says how it is used when it is called wrongly', async () => {
    for (const args of [
      ['--records', 'many'],
      ['--records', '1,2,3', '--runs', '1,2'],
      ['--fast'],
      ['--only', 'nothing'],
    ]) {
      const command = [join(import.meta.dirname, 'run.ts'), ...args];
      await assert.rejects(promisify(execFile)(process.execPath, command), (error: object) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return code === 2 && stderr.startsWith('usage: npm run bench');
      });
    }
  });
});

describe('a table that gets old', () => {
  const age = (commits: number, commitSeconds: number): Age => ({
    commits,
    commitSeconds,
    upkeepSeconds: 0,
    cpuSeconds: 0,
    slowestSeconds: 0,
    metadataBytes: 0,
    manifestListBytes: 0,
    snapshots: 0,
    dataFiles: 0,
    folderBytes: 0,
  });

  it('breaks its bound where a commit takes more than twice what it took at the hundredth', () => {
    const young = [age(1, 9), age(100, 1)];
    assert.deepEqual(AGE.breaches?.({ ages: [...young, age(10_000, 2)] }), []);
    assert.equal(AGE.breaches?.({ ages: [...young, age(10_000, 2.1)] }).length, 1);
    assert.deepEqual(AGE.breaches?.({ ages: young }), []);
  });
});
