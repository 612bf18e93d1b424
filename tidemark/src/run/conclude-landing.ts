import { rememberSum } from '../catalog/objects.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { Finding } from '../evidence/asset-result.ts';
import type { ReadBytes, Reading } from '../landing/reading.ts';
import { sniffMediaType } from '../landing/sniff.ts';
import { standsAt } from '../source/file/locate-source.ts';
import { isHttpLocation } from '../source/http/http-location.ts';
import { isObjectLocation } from '../source/s3/object-location.ts';
import { isSingerLocation } from '../source/singer/singer-location.ts';
import { sorts } from '../source/sorts.ts';
import { isTableLocation } from '../source/sqlite-table/table-location.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import type { DeclaredFile, LandedSource, Landing, Received } from './landed-source.ts';

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
    expected: expectedOf(declaredPath),
    received: declaredPath,
  };
  return { kind: isFinal(unreachable) ? 'forbidden' : 'unavailable', finding, next };
}

/** Whether nothing but another declaration would make it readable. */
export function isFinal({ cause }: Unreachable): boolean {
  return cause === 'outside' || cause === 'refused';
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

function expectedOf(declaredPath: string): string {
  if (isHttpLocation(declaredPath) || isObjectLocation(declaredPath)) return 'its bytes, whole';
  const isElsewhere = sorts(declaredPath) && !isTableLocation(declaredPath);
  return isElsewhere || isSingerLocation(declaredPath)
    ? 'its rows, whole'
    : 'a readable file below the project root';
}
