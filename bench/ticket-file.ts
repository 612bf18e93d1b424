import { execFile } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { PlantedTickets } from './generate-tickets.ts';

export interface TicketFile {
  readonly path: string;
  readonly planted: PlantedTickets;
}

const SEED = 7;
const GENERATOR = ['generate-tickets.ts', 'ticket-lines.ts', 'ticket-phrase-pool.ts'];

/** A file of generated tickets, with what is planted in it beside it. Generated unless that very file is there. */
export async function ticketFile({
  dataDir,
  records,
}: {
  dataDir: string;
  records: number;
}): Promise<TicketFile> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, `tickets-${records}.jsonl`);
  const note = join(dataDir, `tickets-${records}.json`);
  const generator = await generatorSum();
  const known = await readNote(note);
  if (known !== null && known.generator === generator && (await holds(path, known.planted))) {
    return { path, planted: known.planted };
  }
  // A process of its own: what it grows to must not be what a measured child begins with.
  const script = join(import.meta.dirname, 'generate-tickets.ts');
  const args = [script, '--records', String(records), '--seed', String(SEED), '--out', path];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const planted = JSON.parse(stdout) as PlantedTickets;
  await writeFile(note, `${JSON.stringify({ generator, planted }, null, 2)}\n`);
  return { path, planted };
}

interface TicketNote {
  readonly generator: string;
  readonly planted: PlantedTickets;
}

async function readNote(path: string): Promise<TicketNote | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as TicketNote;
  } catch {
    return null;
  }
}

async function generatorSum(): Promise<string> {
  const sources = await Promise.all(
    GENERATOR.map((name) => readFile(join(import.meta.dirname, name), 'utf8')),
  );
  return hash('sha256', `${SEED}\n${sources.join('\n')}`);
}

/** Reading it also brings it into the page cache, where every run then finds it. */
async function holds(path: string, planted: PlantedTickets): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.size !== planted.size_bytes) return false;
  const sum = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sum);
  return sum.digest('hex') === planted.checksum_sha256;
}
