// Takes a file of tickets in against a table that holds many records already, and prints what the history costs:
//   node bench/large-history.ts [--records 10000000] [--files 200] [--incoming 100000] [--dir <scratch>]
// The history is written by the engine's own writer and committed by its own commit; fingerprints are random, so that
// they compress as real ones do. Each measured run is a process of its own over the same home, after an empty one.
import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Ingested } from './ingest-once.ts';
import { measure } from './measure.ts';
import { FIRST_DAY, writeHistory } from './write-history.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000000' },
    files: { type: 'string', default: '200' },
    incoming: { type: 'string', default: '100000' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const [records, files, incoming] = [values.records, values.files, values.incoming].map(Number) as [
  number,
  number,
  number,
];
const root = await mkdtemp(join(values.dir, 'tidemark-history-'));
try {
  const began = performance.now();
  await writeHistory({ root, records, files });
  print(`history: ${records} records in ${files} files, written in ${seconds(performance.now() - began)} s`);
  print('what is taken in                          wall s   CPU s   peak MiB  duplicates');
  await takeIn('nothing new', { name: 'none', count: 1, fromDay: files + 400, days: 1 });
  await takeIn(`${incoming} after the history`, {
    name: 'after',
    count: incoming,
    fromDay: files + 30,
    days: 20,
  });
  await takeIn(`${incoming} within 2 of ${files} days`, {
    name: 'two',
    count: incoming,
    fromDay: 10,
    days: 2,
  });
  await takeIn(`${incoming} over all of it`, { name: 'all', count: incoming, fromDay: 0, days: files });
  await takeIn('the same once more, from another source', {
    name: 'again',
    count: incoming,
    fromDay: 0,
    days: files,
  });
} finally {
  await rm(root, { recursive: true, force: true });
}

interface Incoming {
  readonly name: string;
  readonly count: number;
  readonly fromDay: number;
  readonly days: number;
}

async function takeIn(what: string, of: Incoming): Promise<void> {
  const manifest = await declare(of);
  const script = join(import.meta.dirname, 'ingest-once.ts');
  const { wallSeconds, cpuSeconds, peakRssBytes, stdout } = await measure([
    process.execPath,
    script,
    root,
    manifest,
    join(root, '.tidemark'),
  ]);
  const { report } = JSON.parse(stdout) as Ingested;
  if (report.state !== 'committed') throw new Error(JSON.stringify(report.failure));
  const { duplicate } = report.recordTally;
  print(
    [
      what.padEnd(40),
      wallSeconds.toFixed(1).padStart(7),
      cpuSeconds.toFixed(1).padStart(7),
      String(Math.round((peakRssBytes ?? 0) / 1_048_576)).padStart(10),
      String(duplicate).padStart(11),
    ].join(' '),
  );
}

/** Tickets spread over some days; those of two names with equal days are equal records. */
async function declare({ name, count, fromDay, days }: Incoming): Promise<string> {
  const lines: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const at = new Date(FIRST_DAY + (fromDay + (number * days) / count) * 86_400_000);
    lines.push(
      JSON.stringify({
        ticket_id: `TKT-20260401-${String(number % 1_000_000).padStart(6, '0')}`,
        schema_version: 'ticket_v1',
        source_id: 'helpdesk',
        ingest_batch_id: 'export-1',
        customer_id: `customer-${fromDay}-${number}`,
        status: 'open',
        priority: 'p3_medium',
        product_line: 'northstar_workspace',
        created_at: `${at.toISOString().slice(0, 19)}Z`,
        pii_level: 'none',
        quality_gate: 'pass',
        owner: 'support-desk',
      }),
    );
  }
  const text = `${lines.join('\n')}\n`;
  await writeFile(join(root, `data/${name}.jsonl`), text);
  const manifest = {
    manifest_id: `manifest-${name}-20260401-001`,
    schema_version: 'source_manifest_v1',
    batch_id: `batch-${name}`,
    modality: 'structured',
    source_type: 'ticket_export',
    license_tag: 'course_synthetic',
    contract_ref: 'omni://contracts/data/ticket/v1',
    load_mode: 'full_snapshot',
    created_at: '2026-04-01T08:00:00Z',
    owner: 'data-platform',
    assets: [
      {
        source_id: `desk-${name}`,
        source_url_or_path: `data/${name}.jsonl`,
        asset_type: 'jsonl',
        size_bytes: Buffer.byteLength(text),
        checksum_sha256: hash('sha256', text),
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
  };
  const path = join(root, `data/seed_manifests/${name}.json`);
  await writeFile(path, JSON.stringify(manifest));
  return path;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
