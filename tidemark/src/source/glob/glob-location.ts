import { isGlob } from '../../model/glob.ts';

// Every file of the project that a pattern means: glob:exports/2026-*/tickets-*.jsonl.gz
const SCHEME = 'glob:';

export interface GlobLocation {
  /** The folder that everything it means is in, as it is written; `.` for the project root. */
  readonly base: string;
  /** Part by part below that; the first one has a `*` or a `?` in it. */
  readonly parts: readonly string[];
}

export function isGlobLocation(declared: string): boolean {
  return declared.startsWith(SCHEME);
}

/** Empty parts and `.` say nothing; `..` is judged where it leads, as in any path. A string says what is wrong with it. */
export function parseGlobLocation(declared: string): GlobLocation | string {
  const all = declared
    .slice(SCHEME.length)
    .split('/')
    .filter((part, index) => (part !== '' || index === 0) && part !== '.');
  const first = all.findIndex(isGlob);
  if (first === -1) return 'it has no * or ? in it';
  const parts = all.slice(first);
  if (parts.includes('..')) return 'what stands behind a * or ? cannot lead upwards';
  const base = all.slice(0, first).join('/');
  return { base: first === 0 ? '.' : base === '' ? '/' : base, parts };
}

/** The path of a file that it means, as if it had been declared by itself; never what another location begins with. */
export function globbedPath(declared: string, name: string): string {
  const location = parseGlobLocation(declared);
  const base = typeof location === 'string' ? '.' : location.base;
  return `${base}/${name}`;
}
