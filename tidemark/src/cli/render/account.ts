import {
  ASSET_OUTCOMES,
  type AssetTally,
  assetImbalance,
  RECORD_OUTCOMES,
  type RecordTally,
  recordImbalance,
} from '../../model/tally.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrapParts } from './wrap.ts';

/** `assets   3 declared = 2 committed + 0 already committed + 1 held + 0 refused + 0 failed  ✓ closes` */
export function assetAccount(tally: AssetTally, page: Page): string[] {
  const parts = ASSET_OUTCOMES.map((outcome) => [outcome, tally[outcome]] as const);
  return account(
    { name: 'assets', whole: `${humanCount(tally.declared)} declared`, parts, open: assetImbalance(tally) },
    page,
  );
}

/** `records  506 read = 470 accepted + 12 duplicate + …  ✓ closes`; nothing where no record was read. */
export function recordAccount(tally: RecordTally, page: Page): string[] {
  if (tally.read === 0 && tally.blank === 0) return [];
  const parts = RECORD_OUTCOMES.map((outcome) => [outcome, tally[outcome]] as const);
  const lines = account(
    { name: 'records', whole: `${humanCount(tally.read)} read`, parts, open: recordImbalance(tally) },
    page,
  );
  if (tally.blank > 0)
    lines.push(`${INDENT}${page.paint.dim(`${counted(tally.blank, 'blank line')}, counted apart`)}`);
  return lines;
}

/** `470 accepted, 12 duplicate, 21 rejected`: what became of the records, outcomes that none had left out. */
export function recordOutcomes(tally: RecordTally): string {
  return RECORD_OUTCOMES.filter((outcome) => tally[outcome] > 0)
    .map((outcome) => `${humanCount(tally[outcome])} ${words(outcome)}`)
    .join(', ');
}

const LABEL = 9;
const INDENT = ' '.repeat(2 + LABEL);

function account(
  ledger: { name: string; whole: string; parts: readonly (readonly [string, number])[]; open: number },
  { width, paint }: Page,
): string[] {
  const { name, whole, parts, open } = ledger;
  const sum = parts.map(([label, count], at) => {
    const last = at === parts.length - 1;
    return `${humanCount(count)} ${words(label)}${last ? '' : ' +'}`;
  });
  const verdict = open === 0 ? '✓ closes' : `✗ open by ${humanCount(open)}`;
  const lines = wrapParts([`${whole} =`, ...sum, ` ${verdict}`], {
    width,
    first: `  ${name.padEnd(LABEL)}`,
    hanging: INDENT,
  });
  const last = lines.length - 1;
  return lines.map((line, at) =>
    at === last ? line.replace(verdict, (open === 0 ? paint.good : paint.bad)(verdict)) : line,
  );
}

function words(outcome: string): string {
  return outcome.replaceAll('_', ' ');
}
