import { hash } from 'node:crypto';
import { join } from 'node:path';
import {
  findObject,
  knownObjectOfSize,
  recordReceipt,
  rememberSum,
  type StoredObject,
  storedDelivery,
} from '../catalog/objects.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { type FailedAttempt, readPatiently } from '../landing/read-patiently.ts';
import type { ReadBytes, Reading } from '../landing/reading.ts';
import { sniffMediaType } from '../landing/sniff.ts';
import { admitQuarantined, hasObject, promote, type Zone } from '../landing/store-object.ts';
import { standsAt, unreadable } from '../source/file/locate-source.ts';
import type { FormatName } from '../source/folder/record-names.ts';
import { isHttpLocation } from '../source/http/http-location.ts';
import type { HttpValidators } from '../source/http/validators.ts';
import type { FixedInterval, RowInterval } from '../source/row-source.ts';
import { isSingerLocation } from '../source/singer/singer-location.ts';
import { sorts } from '../source/sorts.ts';
import { isTableLocation } from '../source/sqlite-table/table-location.ts';
import { type SurveyRequest, surveySource } from '../source/survey-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import { readRows } from './read-rows.ts';
import { receiveRemote } from './receive-remote.ts';

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
  /** Of an asset: the manifest that it is declared in, and the property that its incremental reads are by. */
  readonly manifestId?: string;
  readonly cursorField?: string | null;
  /** What of a source that sorts is wanted; null or absent: all of it. */
  readonly interval?: RowInterval | null;
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

/**
 * Reads a declared file once, into `landing/`. When its size (and declared sum) match a known object its sum is taken
 * first, and nothing is copied if the object is there. Records nothing, so that several files can be received at once.
 */
export async function receiveSource(
  engine: Engine,
  {
    runId,
    declared,
    besideOthers,
    believesServers,
    goesOn,
    movesProgress,
    signal,
    onBytes,
    onFailedAttempt,
  }: {
    runId: string;
    declared: DeclaredFile;
    /** Whether bytes need not be sent that their server says are unchanged; who mends something has them sent. */
    believesServers: boolean;
    /** Whether a source that keeps a state is read from there on, and not from its beginning. */
    goesOn: boolean;
    /** Whether what comes says where the next reading goes on. */
    movesProgress: boolean;
    /** Whether other files are received at the same time. */
    besideOthers: boolean;
    signal: AbortSignal;
    onBytes: (read: { bytes: number; totalBytes: number }) => void;
    onFailedAttempt: (failed: FailedAttempt) => void;
  },
): Promise<Received> {
  if (declared.unreachable !== undefined) return declared.unreachable;
  const survey = await surveySource(surveyOf(engine, declared));
  if (survey.kind === 'unreachable') return survey;
  if (survey.kind === 'many') return folderInPlaceOfFile(declared, survey);
  const copyTo = join(engine.home.landingDir(runId), `${declared.role}-${slug(declared)}`);
  const failedAttempts: FailedAttempt[] = [];
  const readAt = engine.clock.now().toISOString();
  if (survey.kind !== 'one') {
    const delivery = believesServers ? await storedDelivery(engine.catalog, declared) : null;
    const stored = delivery !== null && (await isStored(engine, delivery.object)) ? delivery : null;
    const read = await receiveRemote(engine, {
      survey,
      declared,
      known: stored?.validators ?? null,
      goesOn,
      movesProgress,
      copyTo,
      signal,
      onBytes,
      onFailedAttempt: (failed) => {
        failedAttempts.push(failed);
        onFailedAttempt(failed);
      },
    });
    if (read.kind === 'unreachable') return { ...read, failedAttempts };
    // Only who names what is stored can be told that it is unchanged.
    if (read.kind === 'unchanged') return { ...read, ...stored!, failedAttempts };
    const { bytes, ...said } = read;
    const reading = { kind: 'read', bytes: { ...bytes, stat: null } } as const;
    return { ...said, kind: 'reached', path: null, readAt, reading, copy: copyTo, failedAttempts };
  }
  const { path, stat, table } = survey.split;
  let bytes = 0;
  if (table !== null) {
    const rows = await readRows(engine, {
      split: { path, stat, table },
      wanted: declared.interval ?? null,
      copyTo,
      signal,
      onBytes: (more) => {
        bytes += more;
        onBytes({ bytes, totalBytes: stat.sizeBytes });
      },
      onFailedAttempt: (failed) => {
        failedAttempts.push(failed);
        onFailedAttempt(failed);
      },
    });
    return { kind: 'reached', path, readAt, ...rows, copy: copyTo, failedAttempts };
  }
  const read = (to: string | null) =>
    readPatiently({
      limits: engine.limits,
      onFailedAttempt: (failed) => {
        failedAttempts.push(failed);
        onFailedAttempt(failed);
      },
      source: path,
      sizeBytes: stat.sizeBytes,
      besideOthers,
      copyTo: to,
      chunkBytes: engine.limits.chunkBytes,
      signal,
      onBytes: (more) => {
        bytes += more;
        onBytes({ bytes, totalBytes: stat.sizeBytes });
      },
    });
  const known = await knownObjectOfSize(engine.catalog, {
    sizeBytes: stat.sizeBytes,
    sha256: declared.checksumSha256,
  });
  const reading = await read(known ? null : copyTo);
  if (!known) return { kind: 'reached', path, readAt, reading, copy: copyTo, failedAttempts };
  if (reading.kind !== 'read' || (await isStored(engine, reading.bytes)))
    return { kind: 'reached', path, readAt, reading, copy: null, failedAttempts };
  return { kind: 'reached', path, readAt, reading: await read(copyTo), copy: copyTo, failedAttempts };
}

/** Verifies what was received against its declaration, remembers its sum, and says what follows. */
export async function concludeLanding(
  engine: Engine,
  { declared, received }: { declared: DeclaredFile; received: Received },
): Promise<Landing> {
  if (received.kind === 'unreachable') return notToBeHad(received, declared);
  if (received.kind === 'unchanged') {
    const { object, validators } = received;
    const { sha256, sizeBytes, mediaType } = object;
    const known = { kind: 'landed', declared, sha256, sizeBytes, mediaType, copy: null } as const;
    return verified({ ...known, validators, unsent: true });
  }
  const { reading, path, readAt, copy, interval = null, validators = null, stateAfter = null } = received;
  if (reading.kind !== 'read') return notRead(declared, reading);
  const { bytes } = reading;
  // The sum of a table's rows is not that of the file they are in.
  const rows = isTableLocation(declared.declaredPath);
  if (!rows && path !== null && bytes.stat !== null) {
    if (!(await standsAt(path, bytes.stat))) return replacedMeanwhile(declared);
    await rememberSum(engine.catalog, { path, stat: bytes.stat, sha256: bytes.sha256, readAt });
  }
  const name =
    sorts(declared.declaredPath) || isSingerLocation(declared.declaredPath)
      ? 'rows.jsonl'
      : declared.declaredPath;
  const sniffed = await sniffMediaType({ head: bytes.head, name });
  const { sha256, sizeBytes } = bytes;
  const { mediaType } = sniffed;
  const landed = {
    kind: 'landed',
    declared,
    sha256,
    sizeBytes,
    mediaType,
    copy,
    interval,
    validators,
    stateAfter,
  } as const;
  if (copy !== null) await engine.reached('bytes_landed');
  return verified(landed);
}

function verified(landed: LandedSource): Landing {
  const findings = contradictions(landed.declared, landed);
  return findings.length === 0 ? landed : { kind: 'mismatch', landed, findings };
}

function notRead(declared: DeclaredFile, reading: Exclude<Reading, { kind: 'read' }>): Landing {
  if (reading.kind === 'unreadable') {
    const finding = {
      rule: 'source_unreadable',
      message: `${ERROR_CODES.source_unreadable} ${declared.declaredPath} cannot be read: ${reading.reason}`,
      expected: 'a readable file',
      received: reading.reason,
    };
    const next = 'Mend the file or its permissions, then run the same command again.';
    return { kind: 'unavailable', finding, next };
  }
  const finding = {
    rule: 'source_changed',
    message: `${ERROR_CODES.source_changed} ${declared.declaredPath} changed while it was read.`,
    expected: `${reading.before.sizeBytes} bytes, modified at ${reading.before.mtimeNs} ns`,
    received: `${reading.after.sizeBytes} bytes, modified at ${reading.after.mtimeNs} ns`,
  };
  const next = 'Wait until its writer has finished, then run the same command again.';
  return { kind: 'unavailable', finding, next };
}

/** Its bytes may be those of anything that this user can read: nothing of them is kept. */
function replacedMeanwhile({ declaredPath }: DeclaredFile): Landing {
  const finding = {
    rule: 'source_changed',
    message: `${ERROR_CODES.source_changed} ${declaredPath} was replaced, or led elsewhere, while it was read.`,
    expected: 'the file that was found there first',
    received: 'another one',
  };
  const next = 'See who writes in its folder, then run the same command again.';
  return { kind: 'unavailable', finding, next };
}

/** A path that must never be read is a decision; anything else may be mended and tried again. */
function notToBeHad(
  unreachable: Unreachable,
  { declaredPath }: Pick<DeclaredFile, 'declaredPath'>,
): Exclude<Landing, LandedSource | { kind: 'mismatch' }> {
  const { cause, code, message, next } = unreachable;
  const finding = {
    rule: cause === 'outside' ? 'source_outside_root' : `source_${cause}`,
    message: `${code} ${message}`,
    expected: isHttpLocation(declaredPath) ? 'its bytes, whole' : 'a readable file below the project root',
    received: declaredPath,
  };
  return { kind: isFinal(unreachable) ? 'forbidden' : 'unavailable', finding, next };
}

/** Whether nothing but another declaration would make it readable. */
export function isFinal({ cause }: Unreachable): boolean {
  return cause === 'outside' || cause === 'refused';
}

export function surveyOf(engine: Pick<Engine, 'root' | 'limits'>, file: DeclaredFile): SurveyRequest {
  return {
    root: engine.root,
    declared: file.declaredPath,
    declaresBytes: file.sizeBytes !== null || file.checksumSha256 !== null,
    filesMax: engine.limits.folderFilesMax,
    ...(file.format !== undefined && { format: file.format }),
  };
}

/** A folder where one file is wanted; a source of many comes here only without a part. */
export function folderInPlaceOfFile(
  { role, declaredPath, format = 'jsonl' }: Pick<DeclaredFile, 'role' | 'declaredPath' | 'format'>,
  { splits }: { splits: readonly unknown[] },
): Unreachable {
  if (role !== 'asset' || splits.length > 0)
    return unreadable(declaredPath, 'it is a folder, and only records may come as a folder of files');
  return {
    kind: 'unreachable',
    cause: 'missing',
    code: ERROR_CODES.folder_empty,
    message: `The folder ${declaredPath} holds no *.${format} file, and never did.`,
    next: 'Put the first file in place or mend the declared path, then run the same command again.',
  };
}

/** Gives landed bytes their place in a zone and records the receipt. */
export async function keepLanded(
  engine: Engine,
  { runId, landed, zone }: { runId: string; landed: LandedSource; zone: Zone },
): Promise<void> {
  const { sha256, sizeBytes, declared } = landed;
  if (landed.copy !== null) {
    await promote({ home: engine.home, landed: landed.copy, zone, sha256, sizeBytes });
  } else if (zone === 'raw' && (await findObject(engine.catalog, sha256))?.zone === 'quarantine') {
    await admitQuarantined({ home: engine.home, sha256, landingDir: engine.home.landingDir(runId) });
  }
  await engine.reached('object_promoted');
  const receivedAt = engine.clock.now().toISOString();
  await recordReceipt(engine.catalog, {
    receipt: {
      runId,
      sourceId: declared.sourceId,
      role: declared.role,
      split: declared.split,
      declaredPath: declared.declaredPath,
      sha256,
      sizeBytes,
      receivedAt,
      validators: landed.validators ?? null,
      stateAfter: landed.stateAfter ?? null,
    },
    object: { sha256, sizeBytes, zone, mediaType: landed.mediaType },
  });
  await engine.reached('receipt_recorded');
}

async function isStored(
  engine: Engine,
  { sha256, sizeBytes }: Pick<ReadBytes, 'sha256' | 'sizeBytes'>,
): Promise<boolean> {
  const object = await findObject(engine.catalog, sha256);
  return (
    object !== null && (await hasObject({ path: engine.home.objectPath(object.zone, sha256), sizeBytes }))
  );
}

/** What is not as the manifest says. */
export function contradictions(
  declared: DeclaredFile,
  bytes: Pick<ReadBytes, 'sizeBytes' | 'sha256'>,
): Finding[] {
  const findings: Finding[] = [];
  if (declared.sizeBytes !== null && declared.sizeBytes !== bytes.sizeBytes) {
    findings.push({
      rule: 'size_mismatch',
      message: `${declared.declaredPath} has ${bytes.sizeBytes} bytes; the manifest declares ${declared.sizeBytes}.`,
      expected: `${declared.sizeBytes} bytes`,
      received: `${bytes.sizeBytes} bytes`,
    });
  }
  if (declared.checksumSha256 !== null && declared.checksumSha256 !== bytes.sha256) {
    findings.push({
      rule: 'checksum_mismatch',
      message: `${declared.declaredPath} has SHA-256 ${bytes.sha256}; the manifest declares ${declared.checksumSha256}.`,
      expected: declared.checksumSha256,
      received: bytes.sha256,
    });
  }
  return findings;
}

/** A file name for a source id, which is any string; unique because the hash of the whole id ends it. */
function slug({ sourceId, split }: DeclaredFile): string {
  const whole = split === '' ? sourceId : JSON.stringify([sourceId, split]);
  return `${sourceId.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 40)}-${hash('sha256', whole).slice(0, 12)}`;
}
