import { join } from 'node:path';
import type { Age } from './age-once.ts';
import type { Bench, Section } from './bench.ts';
import { mebibytes, table, whole } from './markdown.ts';
import { measure as measureCommand } from './measure.ts';

export interface AgeFigures {
  readonly ages: readonly Age[];
}

/** A commit at the greatest age may take so much longer than one at the hundredth. */
const GROWTH_MAX = 2;
const COMPARED_FROM = 100;

export const AGE: Section<AgeFigures> = { name: 'age', measure, render, breaches };

async function measure({ commits, scratchDir, onProgress }: Bench): Promise<AgeFigures> {
  onProgress(`age: ${commits} commits`);
  const script = join(import.meta.dirname, 'age-once.ts');
  const { stdout } = await measureCommand([process.execPath, script, String(commits), scratchDir]);
  return { ages: JSON.parse(stdout) as Age[] };
}

/** What a commit costs at the end of what it cost when the table was young; null where it never got old. */
function growth(ages: readonly Age[]): number | null {
  const young = ages.find(({ commits }) => commits >= COMPARED_FROM);
  const old = ages.at(-1);
  if (young === undefined || old === undefined || young === old) return null;
  return old.commitSeconds / young.commitSeconds;
}

function breaches({ ages }: AgeFigures): string[] {
  const grown = growth(ages);
  return grown !== null && grown > GROWTH_MAX
    ? [`a commit takes ${grown.toFixed(2)} times what it took at the hundredth, more than ${GROWTH_MAX}`]
    : [];
}

function render({ ages }: AgeFigures): string {
  const rows = ages.map((age) => [
    whole(age.commits),
    ...[age.commitSeconds, age.upkeepSeconds, age.cpuSeconds, age.slowestSeconds].map((value) =>
      (value * 1000).toFixed(1),
    ),
    kibibytes(age.metadataBytes),
    kibibytes(age.manifestListBytes),
    whole(age.snapshots),
    whole(age.dataFiles),
    mebibytes(age.folderBytes),
  ]);
  const grown = growth(ages);
  const bound =
    grown === null
      ? ''
      : `\n\nA commit at the end took ${grown.toFixed(2)} times what it took at the hundredth; bound ${GROWTH_MAX}: ${grown <= GROWTH_MAX ? 'kept' : 'NOT KEPT'}.`;
  return `## A table that gets old

Small batches, two records each, committed to one table by the engine's own commit, each followed by the upkeep that a run
does by its limits: manifests merged, small files compacted, snapshots expired, what nobody names removed. Means since the
row before; the data file of a batch is written before the clock starts.

${table(['commits', 'commit ms', 'upkeep ms', 'CPU ms', 'slowest ms', 'metadata KiB', 'manifest list KiB', 'snapshots', 'data files', 'folder MiB'], rows)}${bound}`;
}

function kibibytes(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
