import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchProject } from '../bench-project.ts';
import { type Cost, measure } from '../measure.ts';
import type { Costs } from '../rounds.ts';
import type { TicketFile } from '../ticket-file.ts';
import { peerPython } from './environment.ts';
import type { Piped } from './node-pipeline.ts';

/** What takes part beside us, in the same rounds. */
export interface Peers {
  /** Records of the file that the Python peers get. */
  readonly records: number;
  /** Why the Python peers are not there, or null. */
  readonly missing: string | null;
  readonly versions: Readonly<Record<string, string>>;
  runAll(over: { project: BenchProject; tickets: TicketFile }): Promise<Costs>;
}

const script = (name: string) => join(import.meta.dirname, name);
const SCHEMA = join(import.meta.dirname, '../../contracts/data/ticket.json');

interface Loop {
  readonly rows: number;
  readonly invalid?: number;
  readonly version: string;
}

/** `few` is what the peers get that would take minutes for a whole file. */
export async function peersFor({ dataDir, few }: { dataDir: string; few: TicketFile }): Promise<Peers> {
  const found = await peerPython(dataDir);
  const versions: Record<string, string> = {};
  return {
    records: few.planted.records,
    missing: found.kind === 'missing' ? found.reason : null,
    versions,
    runAll: async ({ project, tickets }) => {
      const costs: Costs = { node: await runNode({ project, tickets }) };
      if (found.kind === 'missing') return costs;
      const { python } = found;
      for (const form of ['parquet', 'iceberg'] as const) {
        const out = project.place(`dlt-${form}`);
        const { cost, told } = await runLoop([python, script('dlt_tickets.py'), few.path, out, form], few);
        costs[`dlt_${form}`] = cost;
        versions.dlt = told.version;
        await rm(out, { recursive: true });
      }
      const { cost, told } = await runLoop([python, script('jsonschema_loop.py'), few.path, SCHEMA], few);
      if (told.invalid !== few.planted.invalid) {
        throw new Error(
          `jsonschema found ${told.invalid} invalid records, ${few.planted.invalid} were planted`,
        );
      }
      costs.jsonschema = cost;
      versions.jsonschema = told.version;
      return costs;
    },
  };
}

async function runLoop(
  command: readonly string[],
  { planted }: TicketFile,
): Promise<{ cost: Cost; told: Loop }> {
  // What a user of theirs has installed or configured must not take part.
  const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONNOUSERSITE: '1' };
  const { stdout, ...cost } = await measure(command, { env });
  const told = JSON.parse(stdout) as Loop;
  if (told.rows !== planted.records)
    throw new Error(`${command[1]} took ${told.rows} of ${planted.records} records`);
  return { cost, told };
}

async function runNode({ project, tickets }: { project: BenchProject; tickets: TicketFile }): Promise<Cost> {
  const out = project.place('piped.parquet');
  const { stdout, ...cost } = await measure([
    process.execPath,
    '--max-old-space-size=8192',
    script('node-pipeline.ts'),
    project.ticketsPath,
    SCHEMA,
    out,
  ]);
  const { accepted, duplicate, invalid } = JSON.parse(stdout) as Piped;
  const { planted } = tickets;
  if (accepted !== planted.accepted || duplicate !== planted.duplicate || invalid !== planted.invalid) {
    throw new Error(`the Node pipeline's account is not what was planted: ${stdout}`);
  }
  await rm(out);
  return cost;
}
