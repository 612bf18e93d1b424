import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { buildPackage } from './build-package.ts';
import { thisMachine } from './machine.ts';
import { measure } from './measure.ts';
import { type BenchResults, breachesOf, renderPage, renderSections, SECTIONS } from './page.ts';

export interface BenchRequest extends Omit<Bench, 'built' | 'hasOpenssl'> {
  /** Names of sections; the others are left out. */
  readonly sections: readonly string[];
  readonly command: string;
}

const DATA_DIR = join(import.meta.dirname, 'data');
const PAGE = join(import.meta.dirname, 'RESULTS.md');
const FIGURES = join(import.meta.dirname, 'results.json');
const MIB = 1024 * 1024;
const NAMES = SECTIONS.map(({ name }) => name);
const USAGE = `usage: npm run bench -- [--short] [--only ${NAMES.join(',')}] [--write]
  --short         a few minutes instead of about three quarters of an hour: fewer records, rounds and bytes
  --only          these sections (default: all)
  --records       sizes of the ticket files (default: 1000000,5000000)
  --runs          rounds, one number for all sizes or one for each (default: 5,1)
  --peer-records  records for the peers that would take minutes for more (default: 100000)
  --binary-mib    size of all binary files together, four of them (default: 4096)
  --commits       small batches that a table is to get old by (default: 10000)
  --dir           where the throw-away projects are made (default: bench/data)
  --keep          leaves them there
  --write         writes bench/RESULTS.md and bench/results.json
  --render        makes bench/RESULTS.md of bench/results.json again, and measures nothing
`;

/** @throws Error when an account is not what was planted, or a command fails. */
export async function runBench(request: BenchRequest): Promise<BenchResults> {
  const started = performance.now();
  await mkdir(request.scratchDir, { recursive: true });
  request.onProgress('building the package');
  const place = join(request.scratchDir, `bench-package-${process.pid}`);
  const built = await buildPackage(place);
  const hasOpenssl = await measure(['openssl', 'version']).then(
    () => true,
    () => false,
  );
  const sections: Record<string, unknown> = {};
  try {
    for (const { name, measure: measureSection } of SECTIONS) {
      if (request.sections.includes(name)) {
        sections[name] = await measureSection({ ...request, built, hasOpenssl });
      }
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const tookSeconds = (performance.now() - started) / 1000;
  // As it will be read again: what JSON does not hold is not on the page either.
  const found = { machine: thisMachine(), command: request.command, tookSeconds, sections };
  return JSON.parse(JSON.stringify(found)) as BenchResults;
}

async function main(args: readonly string[]): Promise<number> {
  const request = parseRequest(args);
  if (request === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (request === 'render') {
    await writeFile(PAGE, renderPage(JSON.parse(await readFile(FIGURES, 'utf8')) as BenchResults));
    return 0;
  }
  const results = await runBench(request);
  process.stdout.write(`${renderSections(results)}\n`);
  if (request.write) {
    await writeFile(FIGURES, `${JSON.stringify(results, null, 2)}\n`);
    await writeFile(PAGE, renderPage(results));
  }
  const breaches = breachesOf(results);
  for (const breach of breaches) process.stderr.write(`A bound is not kept: ${breach}\n`);
  return breaches.length === 0 ? 0 : 1;
}

const FULL = {
  records: '1000000,5000000',
  runs: '5,1',
  'peer-records': '100000',
  'binary-mib': '4096',
  commits: '10000',
};
const SHORT = { records: '200000', runs: '1', 'peer-records': '20000', 'binary-mib': '512', commits: '300' };

function parseRequest(args: readonly string[]): (BenchRequest & { write: boolean }) | 'render' | null {
  const values = parsed(args);
  if (values === null) return null;
  if (values.render) return 'render';
  const wanted = { ...(values.short ? SHORT : FULL), ...values };
  const records = wanted.records.split(',').map(Number);
  const runs = wanted.runs.split(',').map(Number);
  const peerRecords = Number(wanted['peer-records']);
  const binaryMib = Number(wanted['binary-mib']);
  const commits = Number(wanted.commits);
  const sections = (values.only ?? NAMES.join(',')).split(',');
  const numbers = [...records, ...runs, peerRecords, binaryMib, commits];
  if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0)) return null;
  if (runs.length !== 1 && runs.length !== records.length) return null;
  if (!sections.every((name) => NAMES.includes(name))) return null;
  const rounds = records.map((_, at) => runs[at] ?? runs[0] ?? 1);
  return {
    sections,
    sizes: records.map((count, at) => ({ records: count, runs: rounds[at] ?? 1 })),
    peerRecords,
    binaryFiles: 4,
    binaryFileBytes: Math.round((binaryMib * MIB) / 4),
    binaryRuns: rounds[0] ?? 1,
    startRuns: values.short ? 10 : 30,
    profileRecords: values.short ? 50_000 : 200_000,
    commits,
    history: values.short
      ? { records: 500_000, files: 20, incoming: 20_000 }
      : { records: 10_000_000, files: 200, incoming: 100_000 },
    dataDir: DATA_DIR,
    scratchDir: resolve(values.dir ?? DATA_DIR),
    keep: values.keep,
    write: values.write,
    // The scratch folder is this machine's own business.
    command: [
      'npm run bench --',
      ...args.filter((word, at) => word !== '--dir' && args[at - 1] !== '--dir'),
    ].join(' '),
    onProgress: (message) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${message}\n`),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        records: text,
        runs: text,
        'peer-records': text,
        'binary-mib': text,
        commits: text,
        only: text,
        dir: text,
        short: flag,
        keep: flag,
        write: flag,
        render: flag,
      },
    });
    return values;
  } catch {
    return null;
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
