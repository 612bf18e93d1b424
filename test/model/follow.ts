import type { Advice } from '../../tidemark/src/recovery/advise-batches.ts';
import { backfill, executed, recover, run } from './execute.ts';
import { expectedAdvice } from './expected/advice.ts';
import { expectedPlan } from './expected/plan.ts';
import type { Plan, RecoveryVerb } from './expected/purpose.ts';
import { type BatchName, manifestIdOf, manifestNamed, minuteAt, nameOf } from './names.ts';
import type { CrashPoint } from './simulated-crash.ts';
import { refusal, type Stage } from './stage.ts';
import { verify } from './verify.ts';

/** Does what `recover` names first, as a person who knows nothing else would. */
export async function follow(stage: Stage, crash: CrashPoint | null): Promise<string[]> {
  const given = await advised(stage);
  const first = given.find(({ recommendation: { kind } }) => kind !== 'none' && kind !== 'mend');
  if (first === undefined) return [];
  const of = { manifest: manifestNamed(first.manifestId), batch: first.batchId };
  const named = first.recommendation;
  switch (named.kind) {
    case 'verify':
      return await verify(stage);
    case 'run': {
      // The command names the batch where the manifest declares another.
      const [, batch = DECLARED] = /--batch-id (\S+)/.exec(first.next ?? '') ?? [];
      return await run(stage, { ...of, batch }, crash);
    }
    case 'verb': {
      const wrong = refusedInVain(stage, { of, verb: named.verb });
      return wrong.length > 0 ? wrong : await recover(stage, { of, verb: named.verb, crash });
    }
    case 'backfill': {
      const window = { from: minuteAt(named.from), to: minuteAt(named.to) };
      return await backfill(stage, { of, window, crash });
    }
    case 'again':
      return await again(stage, { planId: named.planId, crash });
    default:
      return [`nothing was expected of kind ${named.kind}`];
  }
}

/** What is named can be done, but where a source has to deliver first. */
function refusedInVain(
  { model }: Stage,
  { of, verb }: { of: BatchName; verb: Exclude<RecoveryVerb, 'backfill'> },
): string[] {
  const waits = model.sourcesOf(of).some((source) => {
    const sum = model.declared.get(source)?.sum ?? null;
    const files = model.partsOf(source).map((part) => model.fileOf(part));
    return files.length === 0 || files.some((file) => file === null || (sum !== null && sum !== file.text));
  });
  const refused = expectedPlan(model, of, verb) === 'refused';
  return refused && !(verb === 'rerun' && waits)
    ? [`recover names a ${verb} of ${nameOf(of)} that is refused`]
    : [];
}

/** The batch id that manifests declare. */
const DECLARED = 'one';

async function again(
  stage: Stage,
  { planId, crash }: { planId: string; crash: CrashPoint | null },
): Promise<string[]> {
  const planned = stage.plans.get(planId);
  if (planned === undefined || planned.verb === 'run') return [`unknown plan ${planId}`];
  const done = await stage.world.again({ verb: planned.verb, planId, crash }).catch(refusal);
  if (!('refused' in done)) return executed(stage, { ...planned, planId }, done);
  return /TM7102|moved/.test(done.refused) ? await plannedAnew(stage, planned, crash) : [done.refused];
}

async function plannedAnew(
  stage: Stage,
  { verb, mends: of, tasks }: Plan,
  crash: CrashPoint | null,
): Promise<string[]> {
  if (verb === 'run') return [];
  if (verb !== 'backfill') return await recover(stage, { of, verb, crash });
  const window = tasks[0]?.window;
  return window ? await backfill(stage, { of, window, crash }) : [];
}

async function advised({ model, world }: Stage): Promise<Advice[]> {
  return model.batches.size === 0 ? [] : await world.advice();
}

/** What `recover` says of each batch, beside what the model says. */
export async function adviceThatDiffers(stage: Stage): Promise<string[]> {
  const given = new Map(
    (await advised(stage)).map(({ manifestId, batchId, recommendation }) => {
      const what = recommendation.kind === 'verb' ? recommendation.verb : recommendation.kind;
      return [`${manifestId} ${batchId}`, [what, recommendation.reason] as const];
    }),
  );
  return [...stage.model.batches.values()].flatMap((of) => {
    const expected = expectedAdvice(stage.model, of);
    const [what, why] = given.get(`${manifestIdOf(of.manifest)} ${of.batch}`) ?? ['nothing', ''];
    return expected === what
      ? []
      : [`recover: expected ${expected} for ${nameOf(of)}; it says ${what} (${why})`];
  });
}
