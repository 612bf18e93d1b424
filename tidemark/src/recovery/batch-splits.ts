import { type DeclaredAsset, splitOf } from '../run/declared-asset.ts';
import type { BatchAtHand, CommittedUnitOf } from './batch-at-hand.ts';

/** One part of a declared source, with what is committed of it. */
export interface SplitAtHand {
  readonly declared: DeclaredAsset;
  readonly own: readonly CommittedUnitOf[];
}

/**
 * A declared source in the parts that a batch holds of it or that are there now, by name; one that nothing is known of,
 * and one that is no source of many, is one part.
 */
export function splitsAtHand(
  batch: BatchAtHand,
  { declared, there = [] }: { declared: DeclaredAsset; there?: readonly DeclaredAsset[] },
): SplitAtHand[] {
  const own = batch.units.filter(({ unit }) => unit.sourceId === declared.file.sourceId);
  const bySplit = Map.groupBy(own, ({ unit }) => unit.split ?? '');
  const names = [...new Set([...bySplit.keys(), ...there.map(({ file }) => file.split)])].sort();
  if (names.length === 0) return [{ declared, own: [] }];
  return names.map((name) => ({ declared: splitOf(declared, { name }), own: bySplit.get(name) ?? [] }));
}
