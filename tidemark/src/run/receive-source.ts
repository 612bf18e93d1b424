import { hash } from 'node:crypto';
import { join } from 'node:path';
import { knownObjectOfSize, storedDelivery } from '../catalog/objects.ts';
import { type FailedAttempt, readPatiently } from '../landing/read-patiently.ts';
import { hasMounts } from '../landing/store/mount.ts';
import type { Engine } from './engine.ts';
import { isStored } from './keep-landed.ts';
import type { DeclaredFile, Received } from './landed-source.ts';
import { readRows } from './read-rows.ts';
import { receiveRemote } from './receive-remote.ts';
import { folderInPlaceOfFile, surveyDeclared } from './survey-declared.ts';

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
  const survey = await surveyDeclared(engine, declared);
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
      // A store of objects is sent all of it.
      uncached: declared.role === 'asset' && declared.holdsRecords !== true && !hasMounts(),
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

/** A file name for a source id, which is any string; unique because the hash of the whole id ends it. */
function slug({ sourceId, split }: DeclaredFile): string {
  const whole = split === '' ? sourceId : JSON.stringify([sourceId, split]);
  return `${sourceId.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 40)}-${hash('sha256', whole).slice(0, 12)}`;
}
