import { selectionWords, typedCommands } from '../command-line.ts';
import type { SelectionOptions } from '../global-options.ts';
import type { Outcome } from '../outcome.ts';
import { exitOfPlan, type PerceivedManifest, reportPlan } from '../plan-report.ts';
import { plainValues } from '../render/plain-values.ts';
import { planLines, planTotals } from '../render/plan.ts';
import { typedRefusals } from '../render/typed-refusals.ts';
import { selectionOf } from '../selection.ts';
import { openProject, type Session } from '../session.ts';
import { reportPath, writeReport } from '../write-report.ts';

export interface PlanOptions extends SelectionOptions {
  readonly reportJson?: string;
  readonly hash?: boolean;
  readonly trustMtime?: boolean;
}

/** `plan`, also called `seed-loader`: perceives and judges every source, and touches nothing. */
export async function planCommand(session: Session, options: PlanOptions): Promise<Outcome> {
  const place = options.reportJson === undefined ? null : await reportPath(options.reportJson);
  await using tidemark = await openProject(session, { readOnly: true });
  const selection = selectionOf(options);
  const { plans, refused: refusals } = await tidemark.plan({
    ...selection,
    hash: options.hash ?? false,
    trustMtime: options.trustMtime ?? false,
  });
  const refused = typedRefusals(refusals);
  const manifests: PerceivedManifest[] = plans.map((plan) => ({
    plan,
    modality: plan.modality,
    sourceType: plan.sourceType,
  }));
  const found = reportPlan({ manifests, refused, words: selectionWords(selection) });
  const next = typedCommands(found.recommended_next_action, session.page.projectWords);
  const report = { ...found, recommended_next_action: next };
  if (place !== null) await writeReport(place, report);
  const shown = plainValues({ manifests, refused, report });
  return {
    exit: exitOfPlan(report),
    document: report,
    lines: (page) => planLines(shown, page),
    quietLines: (page) => planTotals(shown.report, page),
  };
}
