/** What there is in the world of the stories, and what it is called. */

export const MANIFESTS = { desk: ['a', 'b'], portal: ['c'] } as const;
export type ManifestName = keyof typeof MANIFESTS;
export type SourceName = (typeof MANIFESTS)[ManifestName][number];

export const MANIFEST_NAMES = Object.keys(MANIFESTS) as readonly ManifestName[];
export const SOURCES: readonly SourceName[] = Object.values(MANIFESTS).flat();

export const sourcesOf = (manifest: ManifestName): readonly SourceName[] => MANIFESTS[manifest];

/** `portal` reads by cursor, from this minute on, and declares no sums. */
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
