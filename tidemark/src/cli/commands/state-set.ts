import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { nextCommand } from '../../evidence/next-command.ts';
import type { StateRequest } from '../../recovery/set-state/plan-state.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { stateOutcomeLines, statePlanLines } from '../render/state-plan.ts';
import { openProject, type Session } from '../session.ts';

export interface StateSetOptions {
  readonly table?: string;
  readonly source?: string;
  readonly field?: string;
  readonly cursor?: string;
  readonly watermark?: string;
  readonly location?: string;
  readonly reason?: string;
  readonly execute?: string;
}

/** `state set`: plans, or executes what was planned. */
export async function stateSetCommand(session: Session, options: StateSetOptions): Promise<Outcome> {
  return options.execute === undefined
    ? await planSetting(session, requestOf(options))
    : await executeSetting(session, options.execute);
}

async function planSetting(session: Session, request: StateRequest): Promise<Outcome> {
  await using tidemark = await openProject(session, {});
  const { planId, plan } = await tidemark.planState(request);
  const next = nextCommand('state', 'set', '--execute', planId.slice(0, 12));
  const shown = plainValues({ planId, plan, next });
  return {
    exit: EXIT.done,
    document: { plan_id: planId, plan, next },
    lines: (page) => statePlanLines(shown, page),
  };
}

async function executeSetting(session: Session, planId: string): Promise<Outcome> {
  await using tidemark = await openProject(session, {});
  const done = await tidemark.executeState({ planId });
  const next = nextCommand('state', 'show', done.plan.sourceId);
  const shown = plainValues({ ...done, next });
  return { exit: EXIT.done, document: { ...done, next }, lines: (page) => stateOutcomeLines(shown, page) };
}

/** @throws ConfigurationError usage, naming what is missing */
function requestOf({
  table,
  source,
  field,
  cursor,
  watermark,
  location,
  reason,
}: StateSetOptions): StateRequest {
  const value = cursor ?? watermark;
  if (table !== undefined && source !== undefined && value !== undefined && reason !== undefined) {
    const object = cursor === undefined ? 'watermark' : 'cursor';
    return {
      table,
      sourceId: source,
      object,
      value,
      reason,
      ...(field !== undefined && { field }),
      ...(location !== undefined && { location }),
    };
  }
  const missing = [
    ...(table === undefined ? ['--table'] : []),
    ...(source === undefined ? ['--source'] : []),
    ...(value === undefined ? ['--cursor or --watermark'] : []),
    ...(reason === undefined ? ['--reason'] : []),
  ];
  throw new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `Setting progress by hand needs ${missing.join(', ')}.`,
    next: `Name the source as tidemark state show prints it, the value, and for the evidence the reason.`,
  });
}
