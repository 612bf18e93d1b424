import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Section } from './bench.ts';
import type { Ingested } from './ingest-once.ts';
import { mebibytes, seconds, table, whole } from './markdown.ts';
import { measure as measureCommand } from './measure.ts';
import { declareTickets, plainTicket } from './ticket-manifest.ts';
import { FIRST_DAY, writeHistory } from './write-history.ts';

interface TakenIn {
  readonly what: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number | null;
  readonly duplicates: number;
}

export interface HistoryFigures {
  readonly records: number;
  readonly files: number;
  readonly incoming: number;
  readonly takenIn: readonly TakenIn[];
}

export const HISTORY: Section<HistoryFigures> = { name: 'history', measure, render };

/** Tickets spread over some days; those of two names with equal days are equal records. */
interface Incoming {
  readonly name: string;
  readonly what: string;
  readonly count: number;
  readonly fromDay: number;
  readonly days: number;
}

async function measure({ history, built, scratchDir, onProgress }: Bench): Promise<HistoryFigures> {
  const { records, files, incoming } = history;
  onProgress(`history: ${records} records in ${files} files`);
  const root = await mkdtemp(join(scratchDir, 'bench-history-'));
  const spread = { count: incoming, fromDay: 0, days: files };
  const batches: Incoming[] = [
    { name: 'nothing', what: 'one record, to start from', count: 1, fromDay: files + 400, days: 1 },
    { name: 'after', what: 'later than all of the history', count: incoming, fromDay: files + 30, days: 20 },
    {
      name: 'two',
      what: 'within two days of it',
      count: incoming,
      fromDay: 10 % files,
      days: Math.min(2, files),
    },
    { name: 'all', what: 'over all of its days', ...spread },
    { name: 'again', what: 'the same, from another source', ...spread },
  ];
  try {
    await writeHistory({ root, records, files });
    const takenIn: TakenIn[] = [];
    for (const batch of batches) {
      onProgress(`history: ${batch.what}`);
      takenIn.push(await takeIn({ root, dist: built.dist }, batch));
    }
    return { records, files, incoming, takenIn };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function takeIn(
  { root, dist }: { root: string; dist: string },
  { name, what, count, fromDay, days }: Incoming,
): Promise<TakenIn> {
  const tickets = Array.from({ length: count }, (_, number) =>
    plainTicket({
      number,
      customer: `customer-${fromDay}-${number}`,
      at: new Date(FIRST_DAY + (fromDay + (number * days) / count) * 86_400_000),
    }),
  );
  const manifest = await declareTickets(root, { name, tickets });
  const script = join(import.meta.dirname, 'ingest-once.ts');
  const command = [process.execPath, script, dist, root, manifest, join(root, '.tidemark')];
  const { stdout, wallSeconds, cpuSeconds, peakRssBytes } = await measureCommand(command);
  const { report } = JSON.parse(stdout) as Ingested;
  if (report.state !== 'committed') throw new Error(JSON.stringify(report.failure));
  return { what, wallSeconds, cpuSeconds, peakRssBytes, duplicates: report.recordTally.duplicate };
}

function render({ records, files, incoming, takenIn }: HistoryFigures): string {
  const rows = takenIn.map((batch) => [
    batch.what,
    seconds(batch.wallSeconds),
    seconds(batch.cpuSeconds),
    batch.peakRssBytes === null ? '' : mebibytes(batch.peakRssBytes),
    whole(batch.duplicates),
  ]);
  return `## Duplicates against history

${whole(incoming)} records taken in against a table of ${whole(records)} in ${whole(files)} files, a day each, fingerprints at random. Only the
fingerprints of files whose times overlap are read. Each row is a process of its own, from its start to its end.

${table(['what comes in', 'wall s', 'CPU s', 'peak RSS MiB', 'duplicates'], rows)}`;
}
