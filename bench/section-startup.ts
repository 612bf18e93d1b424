import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Section } from './bench.ts';
import { counted, milliseconds, ratio, spreadText, table } from './markdown.ts';
import { measure } from './measure.ts';
import { type Spread, spread } from './summary.ts';

interface Start {
  readonly command: string;
  readonly wallSeconds: Spread;
  /** To `node -e 0` of the same round. */
  readonly ratio: Spread;
  readonly atMost: number | null;
}

export interface StartupFigures {
  readonly runs: number;
  readonly starts: readonly Start[];
}

const ROOT = join(import.meta.dirname, '..');

export const STARTUP: Section<StartupFigures> = { name: 'startup', measure: measureStarts, render, breaches };

async function measureStarts({ built, scratchDir, startRuns, onProgress }: Bench): Promise<StartupFigures> {
  onProgress(`start-up: ${startRuns} rounds`);
  const home = await mkdtemp(join(scratchDir, 'bench-start-'));
  const run = async (...words: readonly string[]) => await measure([process.execPath, built.bin, ...words]);
  await run('run', '--project', ROOT, '--manifest-dir', 'data/seed_manifests', '--home', home, '--quiet');
  const commands = [
    { command: 'node -e 0', words: ['-e', '0'], atMost: null },
    { command: 'tidemark --help', words: [built.bin, '--help'], atMost: 2.5 },
    {
      command: 'tidemark status',
      words: [built.bin, 'status', '--project', ROOT, '--home', home],
      atMost: 5,
    },
  ];
  const found = commands.map(() => [] as number[]);
  // The first round fills the compile cache, as the first use of an installed command does; it is not counted.
  for (let round = 0; round <= startRuns; round += 1) {
    for (const [at, { words }] of commands.entries()) {
      const { wallSeconds } = await measure([process.execPath, ...words]);
      if (round > 0) found[at]?.push(wallSeconds);
    }
  }
  await rm(home, { recursive: true });
  const [node = []] = found;
  const starts = commands.map(({ command, atMost }, at) => {
    const own = found[at] ?? [];
    const ratios = own.map((value, round) => value / (node[round] ?? Number.NaN));
    return { command, wallSeconds: spread(own), ratio: spread(ratios), atMost };
  });
  return { runs: startRuns, starts };
}

function breaches({ starts }: StartupFigures): string[] {
  return starts
    .filter((start) => start.atMost !== null && start.ratio.median > start.atMost)
    .map(
      (start) =>
        `${start.command} takes ${ratio(start.ratio.median)} times what Node takes, more than ${start.atMost}`,
    );
}

function render({ runs, starts }: StartupFigures): string {
  const rows = starts.map((start) => [
    `\`${start.command}\``,
    spreadText(start.wallSeconds, milliseconds),
    spreadText(start.ratio, ratio),
    start.atMost === null
      ? ''
      : `≤ ${start.atMost}: ${start.ratio.median <= start.atMost ? 'kept' : 'NOT KEPT'}`,
  ]);
  return `## Start-up

The published command called directly, its compile cache filled, ${counted(runs, 'round')} in turn; \`status\` of the main job's home.

${table(['command', 'wall ms', '÷ node -e 0', 'bound'], rows)}`;
}
