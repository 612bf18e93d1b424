import { findPlans, planIdOf, type StoredPlan } from '../catalog/plans.ts';
import type { PlannedVerb } from '../catalog/schema.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, InvariantError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Engine } from '../run/engine.ts';

/**
 * The plan of this verb that begins so, as it was sealed, still to be executed.
 * @throws ConfigurationError not_found, plan_executed, plan_expired · InvariantError plan_altered
 */
export async function findPlan(
  engine: Pick<Engine, 'catalog' | 'clock'>,
  { beginning, verb, again }: { beginning: string; verb: PlannedVerb; again(body: string): string },
): Promise<StoredPlan> {
  // The beginning of an id is enough to type; ids are long.
  const plausible = /^[0-9a-f]{6,64}$/.test(beginning);
  const [plan, other] = plausible ? await findPlans(engine.catalog, beginning) : [];
  if (plan === undefined || other !== undefined || plan.verb !== verb) {
    throw new ConfigurationError({
      code: ERROR_CODES.not_found,
      message:
        plan === undefined
          ? `There is no plan ${beginning}.`
          : other !== undefined
            ? `${beginning} is the beginning of several plans.`
            : `Plan ${beginning} is of verb ${verbWords(plan.verb).join(' ')}, not ${verbWords(verb).join(' ')}.`,
      next:
        plan !== undefined
          ? nextCommand(...verbWords(plan.verb), '--execute', plan.planId)
          : verb === 'state_set'
            ? nextCommand('state', 'show')
            : nextCommand(verb === 'maintain' ? 'maintain' : 'recover'),
    });
  }
  if (planIdOf(plan.body) !== plan.planId) throw altered(plan.planId);
  refuseUsed(plan, { now: engine.clock.now(), again: again(plan.body) });
  return plan;
}

/** A verb as it is typed. */
export function verbWords(verb: PlannedVerb): string[] {
  return verb === 'state_set' ? ['state', 'set'] : [verb];
}

function altered(planId: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.plan_altered,
    message: `Plan ${planId.slice(0, 12)} is not what was sealed: its content has another hash.`,
    next: 'Nothing was changed. Plan again, and find out who edits the catalog.',
    facts: { planId },
  });
}

function refuseUsed(stored: StoredPlan, { now, again }: { now: Date; again: string }): void {
  const { planId, executedBy, expiresAt, verb } = stored;
  const short = planId.slice(0, 12);
  const isRun = verb !== 'state_set' && verb !== 'maintain';
  if (executedBy !== null) {
    throw new ConfigurationError({
      code: ERROR_CODES.plan_executed,
      message: `Plan ${short} was executed by ${isRun ? 'run' : 'operation'} ${executedBy}.`,
      next: isRun
        ? nextCommand('show', executedBy)
        : nextCommand(...(verb === 'maintain' ? ['maintain'] : ['state', 'history'])),
    });
  }
  if (expiresAt > now.toISOString()) return;
  throw new ConfigurationError({
    code: ERROR_CODES.plan_expired,
    message: `Plan ${short} expired at ${expiresAt}.`,
    next: `Plan again: ${again}`,
  });
}
