import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchProject } from './bench-project.ts';
import { thisMachine } from './machine.ts';
import { measure } from './measure.ts';
import { type BenchResults, renderFigures, renderPage } from './render-results.ts';
import { type Round, runRound } from './rounds.ts';
import { memoryBreaches, type SizeSummary, summarise } from './summary.ts';
import { ticketFile } from './ticket-file.ts';

export interface BenchRequest {
  /** How many records, and how many rounds over a file of so many. */
  readonly sizes: readonly { readonly records: number; readonly runs: number }[];
  /** Where generated files are kept from one invocation to the next. */
  readonly dataDir: string;
  /** Where the throw-away projects are made. */
  readonly scratchDir: string;
  /** Leaves them there. */
  readonly keep: boolean;
  readonly command: string;
  onProgress(message: string): void;
}

const DATA_DIR = join(import.meta.dirname, 'data');
const PAGE = join(import.meta.dirname, 'RESULTS.md');
const USAGE = `usage: npm run bench -- [--records 1000000[,4000000]] [--runs 3[,1]] [--dir <scratch folder>] [--keep] [--write]
  --records  sizes of the generated files; each is measured
  --runs     rounds, one number for all sizes or one for each
  --dir      where the throw-away projects are made (default: bench/data)
  --keep     leaves them there
  --write    writes bench/RESULTS.md
`;

/** @throws Error when a run's account is not what was planted, or a command fails. */
export async function runBench(request: BenchRequest): Promise<BenchResults> {
  const hasOpenssl = await measure(['openssl', 'version']).then(
    () => true,
    () => false,
  );
  const sizes: SizeSummary[] = [];
  let duckdb: Round['duckdb'] = { version: 'unknown', threads: 0 };
  for (const { records, runs } of request.sizes) {
    request.onProgress(`${records} records: generating the file, or finding it`);
    const tickets = await ticketFile({ dataDir: request.dataDir, records });
    const project = await benchProject({ scratchDir: request.scratchDir, tickets });
    try {
      const rounds: Round[] = [];
      for (let number = 0; number < runs; number += 1) {
        request.onProgress(`${records} records: round ${number + 1} of ${runs}`);
        rounds.push(await runRound({ project, tickets, number, hasOpenssl }));
      }
      duckdb = rounds.at(-1)?.duckdb ?? duckdb;
      sizes.push(summarise(tickets, rounds));
    } finally {
      if (!request.keep) await project.remove();
    }
  }
  return { machine: thisMachine(), duckdb, command: request.command, hasOpenssl, sizes };
}

async function main(args: readonly string[]): Promise<number> {
  const request = parseRequest(args);
  if (request === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const results = await runBench(request);
  process.stdout.write(renderFigures(results));
  if (request.write) await writeFile(PAGE, renderPage(results));
  const breaches = memoryBreaches(results.sizes);
  for (const breach of breaches) process.stderr.write(`Memory is not bounded as promised: ${breach}\n`);
  return breaches.length === 0 ? 0 : 1;
}

function parseRequest(args: readonly string[]): (BenchRequest & { write: boolean }) | null {
  let values: { records: string; runs: string; dir: string; keep: boolean; write: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        records: { type: 'string', default: '1000000' },
        runs: { type: 'string', default: '3' },
        dir: { type: 'string', default: DATA_DIR },
        keep: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
      },
    }));
  } catch {
    return null;
  }
  const records = values.records.split(',').map(Number);
  const runs = values.runs.split(',').map(Number);
  const sound = [...records, ...runs].every((number) => Number.isSafeInteger(number) && number > 0);
  if (!sound || (runs.length !== 1 && runs.length !== records.length)) return null;
  return {
    sizes: records.map((count, at) => ({ records: count, runs: runs[at] ?? runs[0] ?? 1 })),
    dataDir: DATA_DIR,
    scratchDir: resolve(values.dir),
    keep: values.keep,
    write: values.write,
    // The scratch folder is this machine's own business.
    command: `npm run bench -- --records ${values.records} --runs ${values.runs}${values.write ? ' --write' : ''}`,
    onProgress: (message) => process.stderr.write(`${message}\n`),
  };
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
