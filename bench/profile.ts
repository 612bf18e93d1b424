import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What V8 writes with `--cpu-prof`, as far as it is used here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly name: string;
  readonly seconds: number;
}

export interface ProfileSummary {
  /** Threads that run JavaScript. */
  readonly threads: number;
  /** Time in which they did something. */
  readonly busySeconds: number;
  readonly groups: readonly Share[];
  readonly functions: readonly Share[];
}

const FUNCTIONS_TOLD = 20;

/**
 * What a frame belongs to, the first that fits. Frames of our own code are named by room, what it is for, and the file;
 * code that a schema was compiled to at run time has no file.
 */
const GROUPS: readonly (readonly [group: string, fits: (frame: Frame) => boolean])[] = [
  ['idle', ({ name }) => name === '(idle)'],
  ['collecting garbage', ({ name }) => name === '(garbage collector)'],
  [
    'fingerprint: canonical form, SHA-256 of records, digests',
    ({ path, name }) =>
      /dist\/model\/(canonical|digest)|dist\/refine\/(canonical|fingerprint|digest)/.test(path) ||
      (/internal\/crypto\/hash/.test(path) && name === 'hash'),
  ],
  [
    'landing: SHA-256 of the source, its copy',
    ({ path }) => /dist\/landing\/|internal\/crypto\/hash/.test(path),
  ],
  [
    'contract: judging records',
    ({ path, name }) =>
      /dist\/contract\/|node_modules\/ajv/.test(path) || (path === '' && /^validate\d*$/.test(name)),
  ],
  [
    'built-in functions, and code compiled at run time',
    ({ path, name }) => path === '' && !name.startsWith('('),
  ],
  [
    'reading: lines and JSON',
    ({ path }) =>
      /dist\/refine\/(split|parse|strict|decode|scan|line|overlong|lossless)|node_modules\/lossless-json/.test(
        path,
      ),
  ],
  [
    'columns and scratch',
    ({ path }) => /dist\/refine\/(project|scratch|unit-scratch|record-account|record-window)/.test(path),
  ],
  [
    'the compiled scanner: reads, judges and writes the canonical form in one walk',
    ({ path }) => /dist\/refine\/compiled\//.test(path),
  ],
  ['refining, the rest', ({ path }) => /dist\/refine\//.test(path)],
  ['data files and Iceberg metadata', ({ path }) => /dist\/bronze\/|node_modules\/(@duckdb|avsc)/.test(path)],
  [
    'catalog and commit',
    ({ path }) => /dist\/(catalog|commit|progress)\/|node_modules\/kysely|sqlite/.test(path),
  ],
  ['evidence and proof', ({ path }) => /dist\/(evidence|incident)\//.test(path)],
  ['run', ({ path }) => /dist\//.test(path)],
  ['Node itself', ({ path }) => path.startsWith('node:')],
  ['native code', ({ name }) => name === '(program)' || name === '(root)'],
];

interface Frame {
  readonly name: string;
  readonly path: string;
}

/** Self time of every thread's profile in a folder, added up. */
export async function readProfiles(folder: string): Promise<ProfileSummary> {
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  let busySeconds = 0;
  for (const name of names) {
    const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
    for (const { frame, seconds } of selfTimes(profile)) {
      const group = GROUPS.find(([, fits]) => fits(frame))?.[0] ?? 'else';
      if (group === 'idle') continue;
      busySeconds += seconds;
      groups.set(group, (groups.get(group) ?? 0) + seconds);
      const label = labelOf(frame);
      functions.set(label, (functions.get(label) ?? 0) + seconds);
    }
  }
  return {
    threads: names.length,
    busySeconds,
    groups: sorted(groups),
    functions: sorted(functions).slice(0, FUNCTIONS_TOLD),
  };
}

function* selfTimes({
  nodes,
  samples,
  timeDeltas,
}: CpuProfile): Generator<{ frame: Frame; seconds: number }> {
  const spent = new Map<number, number>();
  for (const [at, id] of samples.entries()) {
    spent.set(id, (spent.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0) / 1e6);
  }
  for (const { id, callFrame } of nodes) {
    const seconds = spent.get(id);
    if (seconds !== undefined)
      yield { frame: { name: callFrame.functionName, path: callFrame.url }, seconds };
  }
}

/** Without the folder of this machine: from the package or the library on. */
function labelOf({ name, path }: Frame): string {
  const place =
    /(?:dist|node_modules)\/(?!.*\/(?:dist|node_modules)\/)(.*)$/.exec(path)?.[1] ??
    path.split('/').at(-1) ??
    '';
  return place === '' ? name || '(anonymous)' : `${name || '(anonymous)'} — ${place}`;
}

function sorted(times: ReadonlyMap<string, number>): Share[] {
  return [...times].map(([name, seconds]) => ({ name, seconds })).sort((a, b) => b.seconds - a.seconds);
}
