import { relative } from 'node:path';
import type { StoredObject } from '../catalog/objects.ts';
import { shellWord } from '../evidence/next-command.ts';
import type { Symptom } from '../incident/symptom.ts';
import { readSource } from '../landing/land-file.ts';
import { changedBefore, listFiles } from '../landing/store/stored-files.ts';
import { lookAt, removeFile, rerun, restoreFile } from './mending.ts';
import { type ObjectOwner, objectsOf, ownersOf, unitsWithoutObject } from './owned-objects.ts';
import { isWhole } from './scope.ts';
import type { Verification } from './verification.ts';

/** Takes the sum of every raw and quarantined object again, and follows receipts to objects and objects to receipts. */
export async function checkObjects(verification: Verification): Promise<void> {
  const { engine, findings, scope, ledger } = verification;
  if (scope.batches === null && scope.table !== null) return;
  findings.begin('raw objects');
  findings.begin('receipts');
  for await (const object of objectsOf(verification)) {
    engine.signal.throwIfAborted();
    const fault = await faultOf(verification, object);
    findings.checked('raw objects');
    if (fault !== null) {
      // Rows must not be held against it.
      ledger.run("INSERT INTO damaged VALUES (?, 'object') ON CONFLICT DO NOTHING", object.sha256);
      for (const owner of await ownersToTell(verification, object.sha256))
        findings.found('raw objects', objectSymptom(verification, { object, owner, ...fault }));
    }
    findings.checked('receipts', object.receipts);
    if (object.receipts > 0) continue;
    for (const owner of await ownersToTell(verification, object.sha256))
      findings.found('receipts', receiptMissing(verification, { object, owner }));
  }
  for await (const { sha256, sizeBytes } of unitsWithoutObject(verification)) {
    const object = { sha256, sizeBytes, zone: 'raw' as const, mediaType: '' };
    const why = 'is known to a receipt or a unit, and the catalog has no object of it';
    const kind = 'raw_object_missing';
    for (const owner of await ownersToTell(verification, sha256))
      findings.found('raw objects', objectSymptom(verification, { object, owner, kind, why }));
  }
  if (isWhole(scope)) await checkStrays(verification);
}

type Fault = { readonly kind: 'raw_object_missing' | 'raw_object_altered'; readonly why: string };

async function faultOf({ engine }: Verification, object: StoredObject): Promise<Fault | null> {
  const source = engine.home.objectPath(object.zone, object.sha256);
  const { chunkBytes } = engine.limits;
  const reading = await readSource({ source, copyTo: null, chunkBytes, signal: engine.signal });
  if (reading.kind === 'unreadable')
    return { kind: 'raw_object_missing', why: `cannot be read (${reading.reason})` };
  if (reading.kind === 'changed') return { kind: 'raw_object_altered', why: 'changed while it was read' };
  const { sha256, sizeBytes } = reading.bytes;
  // Its content is its name; a size that is told otherwise is the catalog's fault.
  if (sha256 === object.sha256) return null;
  const size = sizeBytes === object.sizeBytes ? '' : `, ${sizeBytes} bytes instead of ${object.sizeBytes}`;
  return { kind: 'raw_object_altered', why: `has SHA-256 ${sha256.slice(0, 16)}…${size}` };
}

/** Each batch that is made of an object is told of it by itself, with the command that receives its bytes again. */
async function ownersToTell(
  { catalog }: Verification,
  sha256: string,
): Promise<readonly (ObjectOwner | null)[]> {
  const owners = await ownersOf(catalog, sha256);
  return owners.length === 0 ? [null] : owners;
}

function objectSymptom(
  { engine }: Verification,
  { object, owner, kind, why }: { object: StoredObject; owner: ObjectOwner | null } & Fault,
): Symptom {
  const { sha256, sizeBytes, zone } = object;
  const path = engine.home.objectPath(zone, sha256);
  const whose =
    owner === null ? '' : ` (${owner.role === 'asset' ? '' : `${owner.role} of `}${owner.sourceId})`;
  return {
    kind,
    manifestId: owner?.manifestId ?? null,
    batchId: owner?.batchId ?? null,
    sourceId: owner?.sourceId ?? null,
    table: null,
    runId: owner?.runId ?? null,
    distinction: sha256,
    message: `The ${zone} object ${sha256.slice(0, 16)}… of ${sizeBytes} bytes${whose} ${why}.`,
    facts: { sha256, sizeBytes, path: relative(engine.home.storeDir, path), role: owner?.role ?? null },
    query: `sha256sum ${shellWord(path)}`,
    suggestion: owner?.current ? rerun(owner) : restoreFile(path),
  };
}

function receiptMissing(
  { engine }: Verification,
  { object: { sha256, zone }, owner }: { object: StoredObject; owner: ObjectOwner | null },
): Symptom {
  const path = engine.home.objectPath(zone, sha256);
  return {
    kind: 'receipt_missing',
    manifestId: owner?.manifestId ?? null,
    batchId: owner?.batchId ?? null,
    sourceId: owner?.sourceId ?? null,
    table: null,
    runId: owner?.runId ?? null,
    distinction: sha256,
    message: `The ${zone} object ${sha256.slice(0, 16)}… is there, and no receipt says who delivered it from where.`,
    facts: { sha256, path: relative(engine.home.storeDir, path) },
    query: `SELECT * FROM receipts WHERE sha256 = '${sha256}'`,
    suggestion: owner?.current ? rerun(owner) : removeFile(path),
  };
}

/** Files in the zones of stored bytes that the catalog does not know. */
async function checkStrays(verification: Verification): Promise<void> {
  const { engine, findings } = verification;
  findings.begin('stored files');
  for (const zone of ['raw', 'quarantine'] as const) {
    const folder = engine.home.objectPath(zone, '').replace(/\/sha256\/.*$/, '');
    for await (const { path, name } of listFiles(folder)) {
      engine.signal.throwIfAborted();
      findings.checked('stored files');
      if (await isKnown(verification, { name, path })) continue;
      findings.found('stored files', strayObject(relative(engine.home.storeDir, path), path));
    }
  }
}

/** Asked of the present: what a run stored since the verification began is known by now, or about to be. */
async function isKnown(
  { engine: { catalog, home } }: Verification,
  { name, path }: { name: string; path: string },
): Promise<boolean> {
  const inPlace = path === home.objectPath('raw', name) || path === home.objectPath('quarantine', name);
  if (inPlace && /^[0-9a-f]{64}$/.test(name)) {
    const of = (table: 'objects' | 'receipts') =>
      catalog.selectFrom(table).select('sha256').where('sha256', '=', name).limit(1).executeTakeFirst();
    if ((await of('objects')) !== undefined || (await of('receipts')) !== undefined) return true;
    const unit = catalog.selectFrom('units').select('unit_key').where('source_fingerprint', '=', name);
    if ((await unit.limit(1).executeTakeFirst()) !== undefined) return true;
  }
  // Stored by a run that goes on, or that died before it recorded the receipt: its successor records it.
  const first = await catalog
    .selectFrom('runs')
    .select(({ fn }) => fn.min('started_at').as('at'))
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (first?.at == null) return false;
  const found = await changedBefore(path);
  return found === null || found.toISOString() >= first.at;
}

function strayObject(below: string, path: string): Symptom {
  return {
    kind: 'orphan_object',
    manifestId: null,
    batchId: null,
    sourceId: null,
    table: null,
    runId: null,
    distinction: below,
    message: `${below} lies among the stored bytes, and nothing in the catalog knows it.`,
    facts: { path: below },
    query: lookAt(path),
    suggestion: removeFile(path),
  };
}
