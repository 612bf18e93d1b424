import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { RunVerb } from '../catalog/schema.ts';
import type { AssetResult } from '../evidence/asset-result.ts';
import type { DeclaredAsset } from './declared-asset.ts';

/** SHA-256 of stored bytes by role: `asset`, or that of a sidecar. */
export type RecalledBytes = ReadonlyMap<string, string>;

/** A source that was found to need no work before any was read, and why. */
export interface Settled
  extends Partial<Pick<AssetResult, 'reused' | 'sourceFingerprint' | 'sizeBytes' | 'mediaType'>> {
  readonly unitKey: string;
  readonly committedBy: string;
  readonly note: string;
}

/** What a run is for: to take in what is new, or to execute a recovery plan. */
export interface RunPurpose {
  readonly verb: RunVerb;
  readonly planId: string | null;
  /** The run whose work is mended. */
  readonly parentRunId: string | null;
  /** Whether an asset without recalled bytes may be read from its source. */
  readonly contactsSources: boolean;
  /** Stored objects to read in place of a source. */
  readonly recalls: ReadonlyMap<DeclaredAsset, RecalledBytes>;
  readonly settled: ReadonlyMap<DeclaredAsset, Settled>;
  /** Committed units that go out of the tables in the very commit that brings what stands in their place. */
  readonly replaces: readonly PreparedUnit[];
  /** By table: files of rows that stand for those of others which are lost with what goes out. */
  readonly standIns: ReadonlyMap<string, readonly string[]>;
  /** Replay and backfill never move what says where the next forward read begins. */
  readonly movesProgress: boolean;
  /** Records that the batch must read at least; with fewer nothing is replaced. */
  readonly recordsMin: number;
  /** Called first of all once the lease is held: what a plan assumes cannot move from there on. Throws if it has. */
  underLease(): Promise<void>;
}

export const PLAIN_RUN: RunPurpose = {
  verb: 'run',
  planId: null,
  parentRunId: null,
  contactsSources: true,
  recalls: new Map(),
  settled: new Map(),
  replaces: [],
  standIns: new Map(),
  movesProgress: true,
  recordsMin: 0,
  underLease: async () => undefined,
};

/** What is read of an asset in place of its source; null where the source is read. */
export function recalledOf(purpose: RunPurpose, asset: DeclaredAsset): RecalledBytes | null {
  return purpose.recalls.get(asset) ?? (purpose.contactsSources ? null : new Map());
}

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
