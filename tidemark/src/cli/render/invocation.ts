import { join } from 'node:path';
import { type AssetTally, sumRecords } from '../../model/tally.ts';
import type { Invocation } from '../../tidemark.ts';
import { COMMAND } from '../command-line.ts';
import type { Conclusion } from '../conclude-run.ts';
import { assetAccount, recordAccount } from './account.ts';
import { assetLines } from './asset-lines.ts';
import { alignColumns } from './columns.ts';
import { failureLines } from './failure-lines.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { digestClaim } from './proof-lines.ts';
import { counted, humanCount } from './quantities.ts';
import { refusedManifests } from './refused-manifests.ts';
import { wrap } from './wrap.ts';

export interface InvocationFacts {
  readonly invocation: Invocation;
  /** As it is to be typed: relative to the working folder where that is shorter. */
  readonly home: string;
  readonly took: string;
  /** The very command that was given. */
  readonly again: string;
}

/** What stands below the runs: what could not be run, all runs together, tables, evidence, where to look. */
export function invocationLines(facts: InvocationFacts, page: Page): string[] {
  const { invocation } = facts;
  return [
    ...refusedManifests(invocation.refused, page),
    ...unopenedLines(invocation, page),
    ...(invocation.runs.length > 1 ? togetherLines(facts, page) : []),
    ...tableLines(facts, page),
    ...evidenceLines(facts, page),
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

function tableLines({ invocation: { runs, tables }, home }: InvocationFacts, page: Page): string[] {
  if (tables.length === 0) return [];
  const { paint, width } = page;
  const rows = tables.map(({ table, totalRecords }) => {
    const reports = runs.flatMap((run) => run.tables.filter((entry) => entry.table === table));
    const added = reports.reduce((sum, entry) => sum + entry.addedRecords, 0);
    const moved = reports.some((entry) => entry.moved);
    return [
      { text: `bronze.${table}` },
      { text: counted(totalRecords, 'row') },
      { text: moved ? `+${humanCount(added)}` : 'not moved', paint: moved ? paint.good : paint.dim },
    ];
  });
  const columns = [{ shrinksTo: 20 }, { align: 'right' }, { align: 'right' }] as const;
  const place = paint.dim(`Apache Iceberg, ${join(home, 'warehouse')}`);
  return [
    `${paint.strong('Tables')}  ${place}`,
    '',
    ...alignColumns(rows, { columns, width, indent: '  ' }),
    '',
  ];
}

function evidenceLines({ invocation: { runs }, home, again }: InvocationFacts, page: Page): string[] {
  if (runs.length === 0) return [];
  const { paint, width } = page;
  const only = runs.length === 1 ? runs[0] : undefined;
  const folder = only === undefined ? join(home, 'evidence', '<run>') : join(home, only.evidenceDir);
  const rejected = runs.some(({ recordTally }) => recordTally.rejected > 0);
  const source = runs.flatMap(({ assets }) => assets)[0]?.sourceId;
  const ways: (readonly [command: string, what: string])[] = [
    [
      `${COMMAND} show ${source !== undefined && /^[\w.:-]+$/.test(source) ? source : '<source>'}`,
      'the story of a source, record, run, path or hash',
    ],
    [`${COMMAND} status`, 'where everything stands'],
    [again, 'again: what is in is skipped, nothing enters twice'],
  ];
  if (rejected) ways.unshift([`${COMMAND} rejects`, 'every rejected record: line, rule, place, value']);
  const lines = ways.map(([command, what]) => ({
    cells: [{ text: command, paint: page.paint.command }],
    notes: [what],
    next: null,
  }));
  return [
    paint.strong('Evidence'),
    '',
    ...wrap(`${join(folder, 'report.md')}  what happened, sealed in a hash chain`, {
      width,
      first: '  ',
      hanging: '    ',
    }),
    ...assetLines(lines, { columns: [{}], page }),
    '',
  ];
}

/** The last lines: how it ended, and what comes next. */
export function conclusionLines({ exit, reason, next }: Conclusion, page: Page): string[] {
  const { paint, width } = page;
  const tone = exit === 0 ? paint.good : paint.bad;
  const word = exit === 0 ? '✓ done' : `✗ exit ${exit}`;
  return [
    ...wrap(`${word}: ${reason}`, { width, first: '', hanging: '  ' }).map(tone),
    ...(next === null ? [] : nextLines(next, page)),
  ];
}

function addAssets(a: AssetTally, b: AssetTally): AssetTally {
  return Object.fromEntries(
    (Object.keys(a) as (keyof AssetTally)[]).map((name) => [name, a[name] + b[name]]),
  ) as AssetTally;
}
