import type { OperatorEffect } from '../../progress/operator-move.ts';
import type { StateOutcome } from '../../recovery/set-state/execute-state.ts';
import type { StatePlan } from '../../recovery/set-state/state-plan.ts';
import { commandLine, typedCommands } from '../command-line.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** An operator's plan as a person decides on it: what moves from where to where, and what that costs. */
export function statePlanLines(
  { plan, planId, next }: { plan: StatePlan; planId: string; next: string },
  page: Page,
): string[] {
  const { paint, width } = page;
  const say = (text: string) => wrap(text, { width, first: '  ', hanging: '           ' });
  const { change, sourceId, table } = plan;
  return [
    `${paint.strong(`Plan ${planId.slice(0, 12)}`)}  ${paint.dim(`state set of ${sourceId} in bronze.${table}`)}`,
    '',
    ...say(`why      ${plan.reason}`),
    ...say(`moves    ${change.object} ${change.field}`),
    ...say(`before   ${change.before ?? 'no value yet'}`),
    ...say(`after    ${change.after}`),
    ...say(`effect   ${effectText(change.effect)}`).map(paint.attention),
    ...missedLines(plan, page),
    ...say(
      `assumes  no other move of this source, and no run in progress; until ${shortInstant(plan.expiresAt)}`,
    ),
    '',
    ...nextLines(next, page),
  ];
}

export function stateOutcomeLines(
  { plan, operationId, entry, next }: StateOutcome & { readonly next: string },
  page: Page,
): string[] {
  const { change, sourceId } = plan;
  const { paint, width } = page;
  const text = `${change.object} ${change.field} of ${sourceId} is ${change.after} now (was ${change.before ?? 'not set'})`;
  return [
    ...wrap(`✓ ${text}`, { width, hanging: '  ' }).map(paint.good),
    ...wrap(`sealed as ${entry.chain}@${entry.seq}, operation ${operationId}`, { width, first: '  ' }).map(
      paint.dim,
    ),
    ...nextLines(next, page),
  ];
}

function effectText({ kind, from, to }: OperatorEffect): string {
  const interval = `from ${from ?? 'the beginning'} (included) to ${to} (not included)`;
  switch (kind) {
    case 'read_again':
      return `forward runs read ${interval} again; what is in the table already is found as duplicate`;
    case 'never_read':
      return `no forward run will read ${interval}; what was not read before is a gap until it is filled`;
    case 'goes_on_at':
      return `forward runs go on at ${to}; the value was reached at ${from}`;
    case 'open_again':
      return `${interval} counts as open again: staleness is judged from ${from}`;
    case 'taken_as_complete':
      return `${interval} is taken as complete, though no run has shown it`;
  }
}

/** What would be skipped, as the command that fetches it. */
function missedLines({ change, manifestId, batchId }: StatePlan, { width, projectWords }: Page): string[] {
  const { effect, field } = change;
  if (effect.kind !== 'never_read' || effect.from === null) return [];
  const interval = ['--from', effect.from, '--to', effect.to, '--field', field];
  const command = commandLine('backfill', '--manifest', manifestId, '--batch-id', batchId, ...interval);
  const text = typedCommands(`to fill: ${command}`, projectWords);
  return wrap(text, { width, first: '           ', hanging: '             ' });
}
