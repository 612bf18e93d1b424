import type { RunMaintenance, TableOutcome } from '../../evidence/run-maintenance.ts';
import type { MaintenanceOutcome } from '../../maintain/execute-plan.ts';
import { hasWork, type MaintenancePlan, type TablePlan } from '../../maintain/maintenance-plan.ts';
import { wholeName } from '../../model/table-names.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanBytes } from './quantities.ts';
import { wrap } from './wrap.ts';

/** What maintenance would do, table by table. */
export function maintenancePlanLines(
  { plan, planId, next }: { plan: MaintenancePlan; planId: string; next: string | null },
  page: Page,
): string[] {
  const { paint, width } = page;
  const say = (text: string) => wrap(text, { width, first: '  ', hanging: '    ' });
  if (plan.tables.length === 0) return ['There are no tables yet: nothing was committed.'];
  return [
    `${paint.strong(`Plan ${planId.slice(0, 12)}`)}  ${paint.dim('maintenance: no row changes')}`,
    ...plan.tables.flatMap((table) => ['', ...tableLines(table, page)]),
    '',
    ...say(
      `assumes that no run writes to these tables before it is executed; until ${shortInstant(plan.expiresAt)}`,
    ).map(paint.dim),
    ...(next === null ? [paint.good('✓ there is nothing to do')] : nextLines(next, page)),
  ];
}

function tableLines(plan: TablePlan, { paint, width }: Page): string[] {
  const say = (text: string) => wrap(text, { width, first: '  ', hanging: '            ' });
  const { table, compact, expire, remove, metadataFiles, leftOver, orphans } = plan;
  const files = compact.reduce((sum, { uris }) => sum + uris.length, 0);
  const bytes = compact.reduce((sum, group) => sum + group.bytes, 0);
  const orphaned = orphans.reduce((sum, orphan) => sum + orphan.bytes, 0);
  return [
    `${paint.strong(wholeName(table))}  ${paint.dim(`${counted(plan.dataFiles, 'data file')}, ${counted(plan.snapshots, 'snapshot')}`)}`,
    ...(hasWork(plan) ? [] : say('nothing to do').map(paint.dim)),
    ...(plan.refold === undefined ? [] : say(`fold      all keys anew from Bronze: ${plan.refold}`)),
    ...(files === 0
      ? []
      : say(
          `compact   ${counted(files, 'small data file')} (${humanBytes(bytes)}) into ${compact.length}; they go once their snapshots have expired`,
        )),
    ...(plan.mergeManifests === 0 ? [] : say(`merge     ${counted(plan.mergeManifests, 'manifest')}`)),
    ...(expire.length === 0
      ? []
      : say(`expire    ${counted(expire.length, 'snapshot')}, ${expire[0]} to ${expire.at(-1)}`)),
    ...removal(
      'remove',
      remove,
      'file that nothing refers to then',
      'files that nothing refers to then',
    ).flatMap(say),
    ...removal('remove', metadataFiles, 'earlier metadata file').flatMap(say),
    ...(leftOver === 0
      ? []
      : say(`remove    ${counted(leftOver, 'file')} that earlier maintenance let go of`)),
    ...removal(
      'remove',
      { files: orphans.length, bytes: orphaned },
      'file that nobody knows',
      'files that nobody knows',
    ).flatMap(say),
    ...plan.leaves.flatMap((text) => say(`leaves    ${text}`)).map(paint.attention),
  ];
}

function removal(
  word: string,
  { files, bytes }: { files: number; bytes: number },
  one: string,
  many = `${one}s`,
): string[] {
  return files === 0 ? [] : [`${word.padEnd(10)}${counted(files, one, many)} (${humanBytes(bytes)})`];
}

export function maintenanceOutcomeLines(
  { tables, operationId, next }: MaintenanceOutcome & { readonly next: string },
  page: Page,
): string[] {
  const { paint, width } = page;
  return [
    ...tables.flatMap((table) => outcomeLines(table, page)),
    ...wrap(`operation ${operationId}`, { width, first: '  ' }).map(paint.dim),
    ...nextLines(next, page),
  ];
}

function outcomeLines(outcome: TableOutcome, { paint, width }: Page): string[] {
  const { table, kind, leaves } = outcome;
  const head =
    kind === 'maintained'
      ? paint.good(`✓ ${wholeName(table)}: ${whatWasDone(outcome)}`)
      : paint.attention(
          `! ${wholeName(table)}: a run wrote to it meanwhile; its rows and files are that run's`,
        );
  const left = leaves.flatMap((text) =>
    wrap(`left as it is: ${text}`, { width, first: '  ', hanging: '    ' }),
  );
  return [...wrap(head, { width, hanging: '  ' }), ...left];
}

function whatWasDone({
  filesCompacted,
  filesMade,
  snapshotsExpired,
  filesRemoved,
  keysFolded,
}: TableOutcome): string {
  const parts = [
    ...(keysFolded === undefined ? [] : [`${counted(keysFolded, 'key')} folded anew from Bronze`]),
    ...(filesCompacted === 0 ? [] : [`${counted(filesCompacted, 'data file')} compacted into ${filesMade}`]),
    ...(snapshotsExpired === 0 ? [] : [`${counted(snapshotsExpired, 'snapshot')} expired`]),
    ...(filesRemoved === 0 ? [] : [`${counted(filesRemoved, 'file')} removed`]),
  ];
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

/** After a run: one line a table, or why it could not be done. */
export function runMaintenanceLines(maintenance: RunMaintenance | undefined, page: Page): string[] {
  if (maintenance === undefined) return [];
  const { paint, width } = page;
  if (maintenance.kind === 'failed') {
    const text = `! the tables could not be maintained: ${maintenance.message} The run is good all the same; later: ${maintenance.next}`;
    return wrap(text, { width, hanging: '  ' }).map(paint.attention);
  }
  return maintenance.tables.flatMap((table) =>
    wrap(`maintained ${wholeName(table.table)}: ${whatWasDone(table)}`, { width, hanging: '  ' }).map(
      paint.dim,
    ),
  );
}
