import type { PlannedAction, PlannedSource, RecoveryPlan } from '../../recovery/recovery-plan.ts';
import { recordOutcomes } from './account.ts';
import { assetLines } from './asset-lines.ts';
import type { Cell } from './columns.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import type { Paint } from './paint.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

const SIGNS: Readonly<
  Record<PlannedAction, readonly [sign: string, tone: 'good' | 'bad' | 'attention' | 'dim']>
> = {
  keep: ['✓ keep', 'good'],
  reuse: ['+ reuse', 'good'],
  read: ['+ read', 'attention'],
  replace: ['~ replace', 'attention'],
  restore: ['~ restore', 'attention'],
  admit: ['+ admit', 'good'],
  stay: ['– stays out', 'dim'],
  impossible: ['✗ impossible', 'bad'],
};

/** A plan as a person decides on it: what, why, what it changes, what it assumes, how to go on. */
export function recoveryPlanLines(
  { plan, planId, next }: { plan: RecoveryPlan; planId: string; next: string | null },
  page: Page,
): string[] {
  const { paint, width } = page;
  const say = (text: string) => wrap(text, { width, first: '  ', hanging: '    ' });
  return [
    `${paint.strong(`Plan ${planId.slice(0, 12)}`)}  ${paint.dim(`${plan.verb} of ${plan.manifestId}, batch ${plan.batchId}`)}`,
    ...say(`why      ${plan.reason}`),
    ...(plan.parentRunId === null ? [] : say(`mends    run ${plan.parentRunId}`)),
    '',
    ...assetLines(
      plan.sources.map((source) => ({
        cells: [actionCell(source, paint), { text: source.sourceId }],
        notes: [source.why, ...changesOf(source)],
        next: null,
      })),
      { columns: [{}, { shrinksTo: 24 }], page },
    ),
    '',
    ...say(`source   ${plan.contactsSources ? 'read where the plan says read or replace' : 'not contacted'}`),
    ...say(
      `progress ${plan.movesProgress ? 'moves as the original run would have moved it' : 'does not move'}`,
    ),
    ...say(`tables   ${effectsOf(plan)}`),
    ...(plan.expected === null ? [] : say(`expects  ${recordOutcomes(plan.expected) || 'no records'}`)),
    ...say(
      `assumes  ${counted(plan.assumes.length, 'fact')}, checked again when it is executed; until ${shortInstant(plan.expiresAt)}`,
    ),
    '',
    ...(next === null ? ['There is nothing to execute.'] : nextLines(next, page)),
  ];
}

function actionCell({ action }: PlannedSource, paint: Paint): Cell {
  const [text, tone] = SIGNS[action];
  return { text, paint: paint[tone] };
}

function changesOf({ changes }: PlannedSource): string[] {
  if (changes === null) return [];
  const { admitted, rejected, otherwise, examples } = changes;
  if (admitted + rejected + otherwise === 0) return [];
  return [
    `${counted(admitted, 'record')} rejected no more, ${humanCount(rejected)} newly, ${humanCount(otherwise)} for another reason`,
    ...examples.map(({ line, before, after }) => `line ${line}: ${before} → ${after}`),
  ];
}

function effectsOf({ effects }: RecoveryPlan): string {
  const moved = effects.filter(({ removes, adds }) => removes > 0 || adds !== 0);
  if (moved.length === 0) return 'none is moved';
  return moved
    .map(({ table, removes, adds }) => {
      const out = removes === 0 ? '' : ` −${humanCount(removes)}`;
      return `bronze.${table}${out}${adds === null ? '' : ` +${humanCount(adds)}`}`;
    })
    .join(', ');
}
