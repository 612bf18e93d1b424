import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { expectedBackfill, expectedPlan } from './expected/plan.ts';
import {
  type AssetOutcome,
  byAsset,
  type Ending,
  type Plan,
  type Purpose,
  type RecoveryVerb,
  type TakenAsset,
} from './expected/purpose.ts';
import { runReference } from './expected/run.ts';
import { type BatchName, nameOf, sourcesOf, type Window } from './names.ts';
import type { CrashPoint, Worked } from './simulated-crash.ts';
import { refusal, type Stage } from './stage.ts';

/** A plain run. */
export async function run(stage: Stage, of: BatchName, crash: CrashPoint | null): Promise<string[]> {
  return ran(stage, of, await stage.world.run(of, crash));
}

/** What became of a plain run, in the world and in the model. */
export function ran(stage: Stage, of: BatchName, worked: Worked<RunReport>): string[] {
  const window = stage.model.windowOf(of);
  const tasks = sourcesOf(of.manifest).flatMap((source) => {
    const parts = stage.model.partsOf(source);
    return parts.length > 0
      ? parts.map((part) => ({ ...part, window }))
      : [{ source, split: '', window, emptied: true }];
  });
  const plain = { verb: 'run', planId: null, of, mends: of, tasks, replaces: [], recordsMin: 0 } as const;
  return compare(stage, plain, worked);
}

/** Plans a verb and executes the plan. */
export async function recover(
  stage: Stage,
  { of, verb, crash }: { of: BatchName; verb: Exclude<RecoveryVerb, 'backfill'>; crash: CrashPoint | null },
): Promise<string[]> {
  const expected = expectedPlan(stage.model, of, verb);
  const done = await stage.world.recover(of, { verb }, crash).catch(refusal);
  if (expected === 'refused') return 'refused' in done ? [] : [`${verb} was expected to be refused`];
  if ('refused' in done) return [`${verb} is refused: ${done.refused}`];
  stage.plans.set(done.planId, expected);
  return executed(stage, { ...expected, planId: done.planId }, done);
}

/** The same for an interval. It is never refused, whatever is in already. */
export async function backfill(
  stage: Stage,
  { of, window, crash }: { of: BatchName; window: Window; crash: CrashPoint | null },
): Promise<string[]> {
  const expected = expectedBackfill(stage.model, of, window);
  const done = await stage.world.recover(of, { verb: 'backfill', window }, crash).catch(refusal);
  if ('refused' in done) return [`backfill is refused: ${done.refused}`];
  stage.plans.set(done.planId, expected);
  return executed(stage, { ...expected, planId: done.planId }, done);
}

/** What became of an executed plan, in the world and in the model. */
export function executed(stage: Stage, purpose: Purpose, worked: Worked<RunReport>): string[] {
  const { model } = stage;
  if (purpose.verb === 'backfill') {
    const { tasks, of } = purpose;
    const window = tasks[0]?.window ?? null;
    const sources = [...new Set(tasks.map(({ source }) => source))];
    if (window !== null) model.backfills.set(nameOf(of), { ...of, window, sources });
  }
  const wrong = [...parentThatDiffers(stage, purpose, worked), ...compare(stage, purpose, worked)];
  const { state } = model.batchOf(purpose.of).lastRun;
  const done = state === 'committed' || state === 'nothing_to_commit';
  // A plan that should have mended something leaves it to a verification to say so.
  if (done && worked.kind === 'ended') model.incidents.mend(purpose.mends, purpose.verb);
  return wrong;
}

/** A recovery names the run whose work it mends: the last one of its batch when it was planned. */
function parentThatDiffers({ lastRuns }: Stage, { mends, verb }: Plan, worked: Worked<RunReport>): string[] {
  const expected = lastRuns.get(nameOf(mends));
  if (worked.kind === 'died' || expected == null) return [];
  const parent = worked.value.recovery?.parentRunId;
  return parent === expected ? [] : [`${verb}: expected ${expected} as its parent, it says ${parent}`];
}

function compare(stage: Stage, purpose: Purpose, worked: Worked<RunReport>): string[] {
  const died = worked.kind === 'died';
  const ending = runReference(stage.model, purpose, died ? worked.death : null);
  stage.lastRuns.set(nameOf(purpose.of), died ? null : worked.value.runId);
  return died ? [] : endThatDiffers(purpose, ending, worked.value);
}

function endThatDiffers(purpose: Purpose, ending: Ending, report: RunReport): string[] {
  const said = report.assets.map(({ sourceId, outcome }) => `${sourceId} ${outcome}`).join(', ');
  const wanted = byAsset(purpose, ending.assets, (asset) => asset)
    .map((parts) => tellEnd(parts, ending))
    .join(', ');
  const proof = report.state === 'committed' ? ` ${report.reconciliation?.verdict}` : '';
  const expected = ending.state === 'committed' ? 'committed pass' : ending.state;
  const wrong =
    expected === `${report.state}${proof}`
      ? []
      : [`run: expected ${expected}, ended ${report.state}${proof} ${report.failure?.message ?? ''}`];
  return wanted === said ? wrong : [...wrong, `run: expected ${wanted}; ended ${said}`];
}

/** An asset of many parts ends as the first of these that any of them ended as. */
const DECIDES: readonly AssetOutcome[] = ['failed', 'committed', 'held', 'refused', 'already_committed'];

function tellEnd(parts: readonly TakenAsset[], ending: Ending): string {
  const ended = parts.map(({ outcome }) => waiting(outcome, ending));
  return `${parts[0]?.source} ${DECIDES.find((one) => ended.includes(one))}`;
}

/** What is prepared and waits counts as failed until the batch gets to its commit. */
function waiting(outcome: AssetOutcome, { state }: Ending): AssetOutcome {
  return state === 'failed' && outcome === 'committed' ? 'failed' : outcome;
}
