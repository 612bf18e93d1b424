import { nextCommand } from '../../evidence/next-command.ts';
import { hasWork } from '../../maintain/maintenance-plan.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { maintenanceOutcomeLines, maintenancePlanLines } from '../render/maintenance.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';

export interface MaintainOptions {
  readonly table?: string;
  readonly execute?: string;
}

/** `maintain`: plans, or executes what was planned. */
export async function maintainCommand(session: Session, options: MaintainOptions): Promise<Outcome> {
  return options.execute === undefined
    ? await planMaintaining(session, options)
    : await executeMaintaining(session, options.execute);
}

async function planMaintaining(session: Session, { table }: MaintainOptions): Promise<Outcome> {
  {
    // A folder that is no project stays as it is.
    await using reader = await openProject(session, { readOnly: true });
    await reader.tables();
  }
  await using tidemark = await openProject(session, {});
  const { planId, plan } = await tidemark.planMaintenance({ ...(table !== undefined && { table }) });
  const next = plan.tables.some(hasWork) ? nextCommand('maintain', '--execute', planId.slice(0, 12)) : null;
  const shown = plainValues({ planId, plan, next });
  return {
    exit: EXIT.done,
    document: { plan_id: planId, plan, next },
    lines: (page) => maintenancePlanLines(shown, page),
  };
}

async function executeMaintaining(session: Session, planId: string): Promise<Outcome> {
  await using tidemark = await openProject(session, {});
  const outcome = await tidemark.executeMaintenance({ planId });
  const left = outcome.tables.some(({ kind }) => kind === 'overtaken');
  const next = left ? nextCommand('maintain') : nextCommand('verify');
  const shown = plainValues({ ...outcome, next });
  return {
    exit: EXIT.done,
    document: { ...outcome, next },
    lines: (page) => maintenanceOutcomeLines(shown, page),
  };
}
