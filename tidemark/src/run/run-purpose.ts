import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { RunVerb } from '../catalog/schema.ts';

/** Bytes that a recovery verb works on, by role (`asset`, or that of a sidecar). */
export type RecalledBytes = ReadonlyMap<string, string>;

/** What a run is for: to take in what is new, or to execute a recovery plan. */
export interface RunPurpose {
  readonly verb: RunVerb;
  readonly planId: string | null;
  /** The run whose work is mended. */
  readonly parentRunId: string | null;
  /** Committed units that go out of the tables in the very commit that brings what stands in their place. */
  readonly replaces: readonly PreparedUnit[];
  /** Stored objects to read instead of the sources, by source id; null where sources are read. */
  readonly recalls: ReadonlyMap<string, RecalledBytes> | null;
  /** Replay and backfill never move what says where the next forward read begins. */
  readonly movesProgress: boolean;
  /** What the plan has found out about a source that needs no work, for its result. */
  readonly notes: ReadonlyMap<string, string>;
  /** What the batch must come to; another account withholds it. Null where only the source can tell. */
  readonly recordsMin: number | null;
}

export const PLAIN_RUN: RunPurpose = {
  verb: 'run',
  planId: null,
  parentRunId: null,
  replaces: [],
  recalls: null,
  movesProgress: true,
  notes: new Map(),
  recordsMin: null,
};

export function replacesUnit(purpose: RunPurpose, unitKey: string): boolean {
  return purpose.replaces.some((unit) => unit.unitKey === unitKey);
}

/** The data files of units, by table. */
export function filesByTable(units: readonly PreparedUnit[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { table, files } of units.flatMap((unit) => unit.files)) {
    const uris = found.get(table) ?? new Set<string>();
    for (const { uri } of files) uris.add(uri);
    found.set(table, uris);
  }
  return found;
}
