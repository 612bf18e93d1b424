import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BREACHES, type Breach, type TicketLines, ticketLines } from './ticket-lines.ts';

/** What a generated file holds: what must come of it, and what a manifest has to say of it. */
export interface PlantedTickets {
  readonly records: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly invalid: number;
  readonly invalid_by_rule: Readonly<Record<Breach, number>>;
  readonly non_ascii: number;
  readonly size_bytes: number;
  readonly checksum_sha256: string;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
/** More than any line has. */
const LINE_BYTES_MAX = 16 * 1024;

const USAGE = 'usage: node bench/generate-tickets.ts --records <count> [--seed <number>] --out <file>\n';

/**
 * Writes `records` lines of JSON, about 1% of them breaking the ticket contract and 1% repeating an earlier line exactly.
 * Two chunks take turns: one is written while the other is filled, and never more than two are held.
 */
export async function generateTickets(wanted: {
  records: number;
  seed: number;
  out: string;
}): Promise<PlantedTickets> {
  const lines = ticketLines(wanted.seed);
  const hash = createHash('sha256');
  const counts = { accepted: 0, duplicate: 0, invalid: 0, non_ascii: 0, size_bytes: 0 };
  const byRule = Object.fromEntries(BREACHES.map((rule) => [rule, 0])) as Record<Breach, number>;
  const chunks = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const;
  await using file = await open(wanted.out, 'w');
  let writing: Promise<unknown> = Promise.resolve();
  for (let index = 0, turn = 0; index < wanted.records; turn = 1 - turn) {
    const chunk = chunks[turn] as Buffer;
    let filled = 0;
    for (; index < wanted.records && filled < CHUNK_BYTES - LINE_BYTES_MAX; index += 1) {
      count(lines, index);
      filled += writeLine(chunk, { line: lines.lineAt(index), at: filled });
    }
    const bytes = chunk.subarray(0, filled);
    hash.update(bytes);
    counts.size_bytes += filled;
    await writing;
    writing = file.writeFile(bytes);
  }
  await writing;
  return {
    records: wanted.records,
    ...counts,
    invalid_by_rule: byRule,
    checksum_sha256: hash.digest('hex'),
  };

  function count(from: TicketLines, index: number): void {
    const kind = from.kindAt(index);
    counts[kind.kind === 'valid' ? 'accepted' : kind.kind] += 1;
    if (kind.kind === 'invalid') byRule[kind.breach] += 1;
  }

  function writeLine(
    chunk: Buffer,
    { line, at }: { line: { text: string; ascii: boolean }; at: number },
  ): number {
    if (!line.ascii) counts.non_ascii += 1;
    const bytes = chunk.write(line.text, at, line.ascii ? 'latin1' : 'utf8');
    chunk[at + bytes] = 0x0a;
    return bytes + 1;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { records: { type: 'string' }, seed: { type: 'string', default: '7' }, out: { type: 'string' } },
  });
  const records = Number(values.records);
  const seed = Number(values.seed);
  if (
    !Number.isSafeInteger(records) ||
    records < 0 ||
    !Number.isSafeInteger(seed) ||
    values.out === undefined
  ) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const planted = await generateTickets({ records, seed, out: values.out });
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify(planted, null, 2)}\n`);
  process.stderr.write(`${Math.round(records / seconds)} records/s\n`);
}

if (process.argv[1] === import.meta.filename) await main();
