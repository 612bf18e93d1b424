import { type AssetTally, sumRecords } from '../../model/tally.ts';
import type { Invocation } from '../../tidemark.ts';
import type { Conclusion } from '../conclude-run.ts';
import { assetAccount, recordAccount } from './account.ts';
import { failureLines } from './failure-lines.ts';
import { type FurtherFacts, furtherLines } from './further-lines.ts';
import { foundLines } from './incidents.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { digestClaim } from './proof-lines.ts';
import { counted, humanCount } from './quantities.ts';
import { refusedManifests } from './refused-manifests.ts';
import { tableLines } from './table-lines.ts';
import { wrap } from './wrap.ts';

export interface InvocationFacts extends FurtherFacts {
  readonly took: string;
}

/** What stands below the runs: what could not be run, all runs together, tables, evidence, where to look. */
export function invocationLines(facts: InvocationFacts, page: Page): string[] {
  const { invocation } = facts;
  return [
    ...refusedManifests(invocation.refused, page),
    ...unopenedLines(invocation, page),
    ...(invocation.runs.length > 1 ? togetherLines(facts, page) : []),
    ...tableLines(facts, page),
    ...foundLines(invocation.incidents, page),
    ...furtherLines(facts, page),
  ];
}

/** What is left of it with `--quiet`, when there is anything: why each manifest is not in, and how it ended. */
export function troubleLines(
  { invocation, conclusion }: { invocation: Invocation; conclusion: Conclusion },
  page: Page,
): string[] {
  return [
    ...refusedManifests(invocation.refused, page),
    ...unopenedLines(invocation, page),
    ...invocation.runs.flatMap(({ manifestId, failure }) =>
      failure === null ? [] : [page.paint.strong(manifestId), ...failureLines(failure, page), ''],
    ),
    ...conclusionLines(conclusion, page),
  ];
}

function unopenedLines({ unopened }: Invocation, page: Page): string[] {
  return unopened.flatMap(({ manifestId, path, failure }) => [
    page.paint.strong(manifestId),
    `  ${page.paint.dim(path)}`,
    ...failureLines(failure, page),
    '',
  ]);
}

function togetherLines({ invocation: { runs }, took }: InvocationFacts, page: Page): string[] {
  const { paint } = page;
  const assets = runs.map(({ assetTally }) => assetTally).reduce(addAssets);
  const unfinished = runs.some((run) => run.failure !== null && run.assets.length < run.assetTally.declared);
  return [
    `${paint.strong('All together')}  ${paint.dim(`${counted(runs.length, 'manifest')}, ${counted(assets.declared, 'source')}, ${took}`)}`,
    '',
    ...(unfinished ? [] : assetAccount(assets, page)),
    ...recordAccount(sumRecords(runs.map(({ recordTally }) => recordTally)), page),
    ...proofLine({ runs }, page),
    '',
  ];
}

function proofLine({ runs }: Pick<Invocation, 'runs'>, { paint }: Page): string[] {
  const proofs = runs.flatMap(({ reconciliation }) => (reconciliation === null ? [] : [reconciliation]));
  if (proofs.length === 0) return [];
  const checks = proofs.flatMap((proof) => proof.checks);
  const passed = checks.filter(({ verdict }) => verdict === 'pass').length;
  const whole = proofs.every(({ verdict }) => verdict === 'pass');
  const text = `${humanCount(passed)} of ${humanCount(checks.length)} checks${whole ? digestClaim(checks) : ''}`;
  return [`  proof    ${whole ? paint.good(`✓ proved: ${text}`) : paint.bad(`✗ not proved: ${text}`)}`];
}

/** The end is short: everything has been told where it belongs. */
const ALSO_MAX = 5;

/** The last lines: how it ended, and what comes next. */
export function conclusionLines({ exit, reason, also, next }: Conclusion, page: Page): string[] {
  const { paint, width } = page;
  const tone = exit === 0 ? paint.good : paint.bad;
  const word = exit === 0 ? '✓ done' : `✗ exit ${exit}`;
  return [
    ...wrap(`${word}: ${reason}`, { width, first: '', hanging: '  ' }).map(tone),
    ...also
      .slice(0, ALSO_MAX)
      .flatMap((text) => wrap(`also: ${text}`, { width, first: '  ', hanging: '    ' })),
    ...(also.length > ALSO_MAX ? [`  and ${also.length - ALSO_MAX} more, told above`] : []),
    ...(next === null ? [] : nextLines(next, page)),
  ];
}

function addAssets(a: AssetTally, b: AssetTally): AssetTally {
  return Object.fromEntries(
    (Object.keys(a) as (keyof AssetTally)[]).map((name) => [name, a[name] + b[name]]),
  ) as AssetTally;
}
