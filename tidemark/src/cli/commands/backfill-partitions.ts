import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { executeCommand } from '../../recovery/plan-recovery.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { recoveryPlanLines } from '../render/recovery-plan.ts';
import { openProject, type Session } from '../session.ts';
import type { RecoveryOptions } from './recovery-options.ts';

/** `backfill --partitions`: plans one backfill for each contiguous range of what is selected. */
export async function backfillPartitions(
  session: Session,
  { partitions, ...options }: RecoveryOptions & { readonly partitions: string },
): Promise<Outcome> {
  const { target, manifest, reason } = options;
  for (const [option, value] of Object.entries({ ...options, target, manifest, reason })) {
    if (['target', 'manifest', 'reason', 'plan'].includes(option) || value === undefined) continue;
    throw new ConfigurationError({
      code: ERROR_CODES.usage,
      message: `--partitions selects by itself: ${NAMES[option] ?? option} does not go with it.`,
      next: commandLine('backfill', '--help'),
    });
  }
  const manifestId = manifest ?? target;
  await using tidemark = await openProject(session, {});
  const { plans, more, others } = await tidemark.planPartitions({
    partitions,
    ...(manifestId !== undefined && { manifestId }),
    ...(reason !== undefined && { reason }),
  });
  const planned = plans.map((sealed) => ({
    plan: sealed.plan,
    planId: sealed.planId,
    next: executeCommand(sealed),
  }));
  const shown = plainValues(planned);
  const stuck = plans.some(({ plan }) => plan.sources.some(({ action }) => action === 'impossible'));
  return {
    exit: stuck ? EXIT.unfinished : EXIT.done,
    document: {
      plans: planned.map(({ plan, planId, next }) => ({ plan_id: planId, plan, next })),
      more,
      others,
    },
    lines: (page) => [
      ...(planned.length === 0 ? ['No partition is missing: there is nothing to take in.'] : []),
      ...shown.flatMap((plan, at) => [...(at === 0 ? [] : ['']), ...recoveryPlanLines(plan, page)]),
      ...(more === 0
        ? []
        : ['', `${more} more ranges are planned once these are executed: the same command again.`]),
      ...(others === 0 ? [] : ['', `${others} more manifests were not looked at: --manifest names one.`]),
    ],
  };
}

const NAMES: Readonly<Record<string, string>> = {
  from: '--from',
  to: '--to',
  field: '--field',
  batchId: '--batch-id',
  execute: '--execute',
};
