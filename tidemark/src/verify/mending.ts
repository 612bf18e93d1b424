import { nextCommand, shellWord } from '../evidence/next-command.ts';
import type { Symptom, SymptomKind } from '../incident/symptom.ts';
import { mountedUri } from '../landing/store/mount.ts';
import type { BatchName } from './scope.ts';
import type { Verification } from './verification.ts';

const of = ({ manifestId, batchId }: BatchName) => ['--manifest', manifestId, '--batch-id', batchId];

/** Makes a batch's rows again from its raw bytes. */
export function replay(batch: BatchName): string {
  return nextCommand('replay', ...of(batch));
}

/** Receives a batch's bytes again from their sources. */
export function rerun(batch: BatchName): string {
  return nextCommand('rerun', ...of(batch));
}

/** Puts the catalog's rows back to what is sealed. */
export function repairCatalog(): string {
  return nextCommand('catalog', 'repair');
}

/** Makes a table what it was before another engine wrote to it. */
export function setBack(table: string, snapshotId: string): string {
  return nextCommand('catalog', 'set-back', table, '--before', snapshotId);
}

/** The same, where other engines wrote last; null where none did. */
export function undoForeign({ ledger }: Pick<Verification, 'ledger'>, table: string): string | null {
  const head = ledger.one('SELECT snapshot_id FROM foreign_heads WHERE table_name = ?', table);
  return head === null ? null : setBack(table, String(head.snapshot_id));
}

/** Of a file of a store, what lists it there. */
export function lookAt(path: string): string {
  const uri = mountedUri(path);
  return uri === null ? `ls -l ${shellWord(path)}` : `aws s3 ls ${shellWord(uri)}`;
}

export function removeFile(path: string): string {
  const uri = mountedUri(path);
  return uri === null ? `rm ${shellWord(path)}` : `aws s3 rm ${shellWord(uri)}`;
}

export function restoreFile(path: string): string {
  return `Restore ${shellWord(mountedUri(path) ?? path)} from a backup, then: ${nextCommand('verify')}`;
}

const OF_RAW_BYTES: ReadonlySet<SymptomKind> = new Set([
  'raw_object_altered',
  'raw_object_missing',
  'receipt_missing',
]);

/**
 * What raw bytes can not mend is not mended by replaying them: where a batch's own raw objects are damaged, the rerun that
 * brings them again is the one command for all that is found of the batch.
 */
export function withOneCommandPerBatch(symptoms: readonly Symptom[]): Symptom[] {
  const reruns = new Set<string>();
  for (const { kind, manifestId, batchId, suggestion } of symptoms) {
    // A source that contradicts its manifest is mended by a person first: what is damaged beside it does not wait for that.
    if (manifestId === null || batchId === null || !OF_RAW_BYTES.has(kind)) continue;
    if (suggestion === rerun({ manifestId, batchId })) reruns.add(suggestion);
  }
  return symptoms.map((symptom) => {
    const { manifestId, batchId, suggestion } = symptom;
    if (manifestId === null || batchId === null) return symptom;
    const batch = { manifestId, batchId };
    return suggestion === replay(batch) && reruns.has(rerun(batch))
      ? { ...symptom, suggestion: rerun(batch) }
      : symptom;
  });
}
