import type { StoredObject } from '../catalog/objects.ts';
import type { Finding } from '../evidence/asset-result.ts';
import type { FailedAttempt } from '../landing/read-patiently.ts';
import type { Reading } from '../landing/reading.ts';
import type { Zone } from '../landing/store-object.ts';
import type { CursorClock } from '../model/manifest-settings.ts';
import type { FormatName } from '../source/folder/record-names.ts';
import type { HttpValidators } from '../source/http/validators.ts';
import type { FixedInterval, RowInterval } from '../source/row-source.ts';
import type { ListedObject } from '../source/s3/object-part.ts';
import type { Unreachable } from '../source/unreachable.ts';

/** What a manifest says of one file: an asset, or a sidecar of it. */
export interface DeclaredFile {
  readonly sourceId: string;
  /** `asset`, `transcript`, `ocr_text`, `keyframe_ocr` or `audio_track`. */
  readonly role: string;
  /** The part of a source of many; empty for a source that is one. */
  readonly split: string;
  readonly declaredPath: string;
  readonly sizeBytes: number | null;
  readonly checksumSha256: string | null;
  /** How its records are declared to be written: which files of a folder are meant. Absent: lines of JSON. */
  readonly format?: FormatName;
  /** Whether it holds records, which are all read again once it is landed. */
  readonly holdsRecords?: boolean;
  /** Of an asset: the manifest that it is declared in, and the property that its incremental reads are by. */
  readonly manifestId?: string;
  readonly cursorField?: string | null;
  /** Who gives the values of that property, where the declaration says so. */
  readonly cursorClock?: CursorClock | null;
  /** What of a source that sorts is wanted; null or absent: all of it. */
  readonly interval?: RowInterval | null;
  /** Of an object of S3: what the listing that led to it says of it. */
  readonly listed?: ListedObject;
  /** Why it must not be read now, found before its turn. */
  readonly unreachable?: Unreachable;
}

export interface LandedSource {
  readonly kind: 'landed';
  readonly declared: DeclaredFile;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** The copy below `landing/`, or null when the object was known and nothing was copied. */
  readonly copy: string | null;
  /** What was fixed before the rows of a source that sorts were read; null for bytes. */
  readonly interval?: FixedInterval | null;
  /** Where its object is, for whoever reads it without admitting it; default raw. */
  readonly zone?: Zone;
  /** Of a URL: what its server said of these bytes. */
  readonly validators?: HttpValidators | null;
  /** Its server said that the bytes are those that are stored, and sent none. */
  readonly unsent?: boolean;
  /** Of a Singer tap: from where to go on once this is committed. */
  readonly stateAfter?: string | null;
}

export type Landing =
  | LandedSource
  /** The bytes are here but are not what the manifest says: a decision, final. */
  | { readonly kind: 'mismatch'; readonly landed: LandedSource; readonly findings: readonly Finding[] }
  /** The path must never be read: a decision, final. */
  | { readonly kind: 'forbidden'; readonly finding: Finding; readonly next: string }
  /** May be mended and tried again: a failure, it blocks the batch. */
  | { readonly kind: 'unavailable'; readonly finding: Finding; readonly next: string };

/** A declared file, read; what follows from it is for `concludeLanding` to say. */
export type Received =
  | (Unreachable & { readonly failedAttempts?: readonly FailedAttempt[] })
  | {
      readonly kind: 'unchanged';
      readonly object: StoredObject;
      readonly validators: HttpValidators;
      readonly failedAttempts: readonly FailedAttempt[];
    }
  | {
      readonly kind: 'reached';
      /** Of a file; null for a URL. */
      readonly path: string | null;
      /** When its reading began. */
      readonly readAt: string;
      readonly reading: Reading;
      /** Where the copy is; null when the object was known and nothing was copied. */
      readonly copy: string | null;
      readonly failedAttempts: readonly FailedAttempt[];
      /** Of a source that sorts: what was fixed before its rows were read. */
      readonly interval?: FixedInterval | null;
      readonly validators?: HttpValidators | null;
      readonly stateAfter?: string | null;
    };
