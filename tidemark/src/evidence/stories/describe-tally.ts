import { ASSET_OUTCOMES, type AssetTally, RECORD_OUTCOMES, type RecordTally } from '../../model/tally.ts';

/** `3 declared = 2 committed + 1 held`; outcomes that nothing had are left out. */
export function describeAssets(tally: AssetTally): string {
  return sum(
    `${tally.declared} declared`,
    ASSET_OUTCOMES.map((name) => [name, tally[name]]),
  );
}

/** `23 read = 20 accepted + 1 duplicate + 2 rejected` */
export function describeRecords(tally: RecordTally): string {
  return sum(
    `${tally.read} read`,
    RECORD_OUTCOMES.map((name) => [name, tally[name]]),
  );
}

function sum(whole: string, parts: readonly (readonly [string, number])[]): string {
  const terms = parts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`);
  return terms.length === 0 ? whole : `${whole} = ${terms.join(' + ')}`;
}
