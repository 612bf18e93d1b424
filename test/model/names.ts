/** What there is in the world of the stories, and what it is called. */

export const MANIFESTS = { desk: ['a', 'b'], portal: ['c'], box: ['d', 'f'] } as const;
export type ManifestName = keyof typeof MANIFESTS;
export type SourceName = (typeof MANIFESTS)[ManifestName][number];

export const MANIFEST_NAMES = Object.keys(MANIFESTS) as readonly ManifestName[];
export const SOURCES: readonly SourceName[] = Object.values(MANIFESTS).flat();

/** `f` is a folder, of these files. */
const FILES = ['p', 'q', 'r'] as const;

export const isFolder = (source: SourceName): boolean => source === 'f';

/** A source, or one file of a folder. */
export type PlaceName = Exclude<SourceName, 'f'> | `f/${(typeof FILES)[number]}`;

export const PLACES: readonly PlaceName[] = SOURCES.flatMap((source) =>
  source === 'f' ? FILES.map((file) => `${source}/${file}` as const) : [source],
);

/** What a run takes for itself: a source, or one of its files, which is its `split`. */
export interface Part {
  readonly source: SourceName;
  /** Empty for a source that is one. */
  readonly split: string;
}

export const partAt = (place: PlaceName): Part => {
  const [source = '', file] = place.split('/');
  return { source: source as SourceName, split: file === undefined ? '' : `${file}.jsonl` };
};

export const placeOf = ({ source, split }: Part): string =>
  split === '' ? source : `${source}/${split.replace('.jsonl', '')}`;

export const isSame = (a: Part, b: Part): boolean => a.source === b.source && a.split === b.split;

export const sourcesOf = (manifest: ManifestName): readonly SourceName[] => MANIFESTS[manifest];

/** What comes by cursor has no sum that could be declared, nor has a folder. */
export const declaresSum = (source: SourceName): boolean => source !== 'c' && !isFolder(source);

/** `portal` reads by cursor, from this minute on. */
export const CURSOR_START = 10;

export interface BatchName {
  readonly manifest: ManifestName;
  readonly batch: string;
}

export const nameOf = ({ manifest, batch }: BatchName): string => `${manifest}/${batch}`;
export const isOf = (unit: BatchName, of: BatchName): boolean => nameOf(unit) === nameOf(of);

/** Minutes, half-open. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export const isInside = (minute: number, window: Window | null): boolean =>
  window === null || (minute >= window.from && minute < window.to);

/** What a batch takes in by its manifest; null: everything. */
export const declaredWindow = (manifest: ManifestName): Window | null =>
  manifest === 'portal' ? { from: CURSOR_START, to: Number.POSITIVE_INFINITY } : null;

/** As it is delivered. */
export const timeOf = (minute: number): string => `2026-04-01T00:${String(minute).padStart(2, '0')}:00Z`;

/** The other way round. */
export const minuteAt = (time: string): number => Number(time.slice(14, 16));

/** As a column holds it. */
export const instantOf = (minute: number): string =>
  `2026-04-01 00:${String(minute).padStart(2, '0')}:00.000000+00`;

export const manifestIdOf = (manifest: ManifestName): string => `manifest-${manifest}-20260401-001`;

export const manifestNamed = (manifestId: string): ManifestName => manifestId.split('-')[1] as ManifestName;

/** The batch that a backfill is of: named by what it covers. */
export const backfillOf = ({ manifest, batch }: BatchName, { from, to }: Window): BatchName => ({
  manifest,
  batch: `${batch}.backfill.${timeOf(from)}..${timeOf(to)}`,
});
