import { hash } from 'node:crypto';
import type { Contract } from '../contract/contract.ts';
import type { DeclaredFormat } from '../model/declared-format.ts';
import { SPEC_VERSIONS } from '../model/spec-versions.ts';
import type { DeclaredAsset } from './declared-asset.ts';

/**
 * Key of a unit: what must be equal for two deliveries to be the same work. Hash of table, source, exact bytes, window,
 * contract and spec versions; where an asset has sidecars their sums too, since a corrected transcript is other work.
 */
export function unitKey(unit: {
  table: string;
  sourceId: string;
  /** A source of many parts; empty for one that is one, whose key is what it always was. */
  split: string;
  sourceFingerprint: string;
  window: string;
  contractHash: string;
  sidecars: readonly { role: string; sha256: string }[];
  /** As it is declared, beside the name; null where nothing is, whose key is what it always was. */
  format: DeclaredFormat | null;
}): string {
  const sidecars = unit.sidecars.map(({ role, sha256 }) => `${role}=${sha256}`).sort();
  return digest('tidemark:unit:1', [
    unit.table,
    unit.sourceId,
    unit.sourceFingerprint,
    unit.window,
    unit.contractHash,
    ...Object.values(SPEC_VERSIONS),
    ...sidecars,
    ...splitPart(unit.split),
    ...(unit.format === null ? [] : [`format=${formatKey(unit.format)}`]),
  ]);
}

/** The same, of an asset as it is declared. */
export function unitKeyOf({
  declared,
  contract,
  sourceFingerprint,
  sidecars,
}: {
  declared: DeclaredAsset;
  contract: Contract;
  sourceFingerprint: string;
  sidecars: readonly { role: string; sha256: string }[];
}): string {
  return unitKey({
    table: contract.traits.table,
    sourceId: declared.file.sourceId,
    split: declared.file.split,
    sourceFingerprint,
    window: declared.windowKey,
    contractHash: contract.hash,
    sidecars,
    format: declared.format,
  });
}

/** Key of a decision (held, refused): the same decision on the same bytes is recorded once. */
export function decisionKey(decision: {
  table: string;
  sourceId: string;
  split: string;
  sourceFingerprint: string;
  disposition: string;
  reasons: readonly string[];
}): string {
  return digest('tidemark:decision:1', [
    decision.table,
    decision.sourceId,
    decision.sourceFingerprint,
    decision.disposition,
    ...[...decision.reasons].sort(),
    ...splitPart(decision.split),
  ]);
}

/** Fingerprint of a batch or a snapshot: over its sorted (source, fingerprint) pairs. */
export function batchFingerprint(pairs: readonly { sourceId: string; sourceFingerprint: string }[]): string {
  const lines = pairs.map((pair) => JSON.stringify([pair.sourceId, pair.sourceFingerprint])).sort();
  return digest('tidemark:batch:1', lines);
}

/** Fingerprint of a source of many parts: over its sorted (split, fingerprint) pairs. */
export function splitsFingerprint(pairs: readonly { split: string; sourceFingerprint: string }[]): string {
  const lines = pairs.map((pair) => JSON.stringify([pair.split, pair.sourceFingerprint])).sort();
  return digest('tidemark:splits:1', lines);
}

/** Stands for bytes that could not be read, so that a held source without them still has an anchor of its own. */
export function unreadFingerprint({
  manifestId,
  sourceId,
}: {
  manifestId: string;
  sourceId: string;
}): string {
  return digest('tidemark:unread-source:1', [manifestId, sourceId]);
}

/** A decision on a source of which nothing could be read. */
export function isUnread(
  manifestId: string,
  { sourceId, sourceFingerprint }: { sourceId: string; sourceFingerprint: string },
): boolean {
  return sourceFingerprint === unreadFingerprint({ manifestId, sourceId });
}

/** The order in which fields are declared says nothing. */
function formatKey(format: DeclaredFormat): string {
  return JSON.stringify(Object.entries(format).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function splitPart(split: string): string[] {
  return split === '' ? [] : [`split=${split}`];
}

function digest(domain: string, parts: readonly string[]): string {
  return hash('sha256', [domain, ...parts.map((part) => `${part.length}:${part}`)].join('\n'));
}
