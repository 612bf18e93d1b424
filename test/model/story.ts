import type { ContractName, Line } from './deliveries.ts';
import type { ManifestName, PlaceName, SourceName, Window } from './names.ts';
import type { CrashPoint } from './simulated-crash.ts';

/** One thing that happens. Plain data: a story is a list of them, and any part of a story is a story. */
export type Step =
  /** `quietly`: the manifest still says what it said. */
  | {
      readonly kind: 'deliver';
      readonly place: PlaceName;
      readonly change: Change;
      readonly quietly: boolean;
    }
  | { readonly kind: 'hold'; readonly source: SourceName; readonly held: boolean }
  | { readonly kind: 'contract'; readonly name: ContractName }
  | {
      readonly kind: 'run';
      readonly manifest: ManifestName;
      readonly batch: string;
      readonly crash: CrashPoint | null;
    }
  /** Two at once: while the first is held at a point, another of its manifest finds it alive, or takes it for dead. */
  | {
      readonly kind: 'race';
      readonly manifest: ManifestName;
      readonly batch: string;
      /** The batch of the second. */
      readonly other: string;
      readonly at: CrashPoint;
      readonly dead: boolean;
      /** What is delivered before one takes the other for dead. */
      readonly meanwhile: { readonly place: PlaceName; readonly change: Change };
    }
  /** Of a batch that is there: of a named one, or of the latest `backfilled` one of the manifest. */
  | {
      readonly kind: 'recover';
      readonly verb: 'retry' | 'rerun' | 'replay';
      readonly manifest: ManifestName;
      readonly batch: string;
      readonly crash: CrashPoint | null;
    }
  | {
      readonly kind: 'backfill';
      readonly window: Window;
      readonly manifest: ManifestName;
      readonly batch: string;
      readonly crash: CrashPoint | null;
    }
  /** What `recover` names first, done. */
  | { readonly kind: 'follow'; readonly crash: CrashPoint | null }
  | { readonly kind: 'verify' }
  /** Small data files become one; no row changes. */
  /** `expires`: of every table, all snapshots but the last. */
  | { readonly kind: 'maintain'; readonly expires: boolean; readonly crash: CrashPoint | null }
  /** An operator sets where a source stands, by plan. */
  | {
      readonly kind: 'state';
      readonly source: SourceName;
      readonly object: 'cursor' | 'watermark';
      readonly minute: number;
    }
  /** A data file is deleted or a byte of a raw object changed; it is verified, and what that suggests is typed. */
  | { readonly kind: 'damage'; readonly what: 'data file' | 'raw object'; readonly at: number };

/** What becomes of a source's file. */
export type Change =
  | { readonly kind: 'replace'; readonly lines: readonly Line[] }
  | { readonly kind: 'grow'; readonly lines: readonly Line[] }
  | { readonly kind: 'double' | 'reverse' | 'shrink' | 'remove' }
  | { readonly kind: 'corrupt'; readonly at: number };
