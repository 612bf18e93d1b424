import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { Advice } from '../../tidemark/src/recovery/advise-batches.ts';
import { type Line, tellLines } from './deliveries.ts';
import { expectedAdvice, expectedPlan } from './expected-recovery.ts';
import {
  type BatchName,
  type Ending,
  isOf,
  isRow,
  MANIFESTS,
  type ManifestName,
  nameOf,
  type Purpose,
  Reference,
  type SourceName,
  windowOf,
} from './reference.ts';
import { differences, expectedView, Reader } from './seen.ts';
import type { CrashPoint, Worked } from './simulated-crash.ts';
import { type Change, type Step, tellStep } from './story.ts';
import { manifestIdOf, World } from './world.ts';

/** The world and the model are not the same any more, after the last step of the story. */
export class Divergence extends Error {
  readonly story: readonly Step[];
  readonly wrong: readonly string[];

  constructor(story: readonly Step[], wrong: readonly string[]) {
    const told = story.map((step, at) => `  ${at + 1}. ${tellStep(step)}`);
    super(
      `After this, the world is not what the model says:\n${[...told, ...wrong.map((text) => `     ${text}`)].join('\n')}`,
    );
    this.story = story;
    this.wrong = wrong;
  }

  /** What kind of divergence it is, whatever the figures. */
  get manner(): string {
    return (this.wrong[0] ?? '').replaceAll(/[0-9a-f]{8,}|\d+/g, '').slice(0, MANNER_LENGTH);
  }
}

const MANNER_LENGTH = 22;

/** Plays a story in a world of its own and in the model. @throws Divergence at the first step after which they differ */
export async function play(
  story: readonly Step[],
  onStep: (step: Step) => void = () => undefined,
): Promise<void> {
  await using scene = await Scene.open();
  for (const [index, step] of story.entries()) {
    onStep(step);
    const wrong = await scene.take(step).catch((error) => [`it fails: ${(error as Error).stack}`]);
    if (wrong.length > 0) throw new Divergence(story.slice(0, index + 1), wrong);
  }
}

const START: Readonly<Record<SourceName, readonly Line[]>> = {
  a: [record(0), record(1)],
  b: [record(2)],
  c: [record(3)],
};

function record(id: number): Line {
  return { kind: 'record', id, note: 0, status: 'open', exported: 0 };
}

class Scene implements AsyncDisposable {
  readonly #world: World;
  readonly #model = new Reference();
  readonly #reader = new Reader();
  /** Plans by id: what the model makes of each. */
  readonly #plans = new Map<string, Omit<Purpose, 'planId'>>();

  private constructor(world: World) {
    this.#world = world;
  }

  static async open(): Promise<Scene> {
    const scene = new Scene(await World.create());
    await scene.#world.setContract('plain');
    for (const [source, lines] of Object.entries(START))
      await scene.#deliver(source as SourceName, lines, false);
    return scene;
  }

  /** @returns what differs */
  async take(step: Step): Promise<string[]> {
    const wrong = await this.#act(step);
    const view = await this.#reader.tables(this.#world.home).catch(() => ({}));
    const advice = await this.#advice();
    return [...wrong, ...differences(expectedView(this.#model), view), ...advice];
  }

  async #act(step: Step): Promise<string[]> {
    switch (step.kind) {
      case 'deliver': {
        const now = this.#model.file.get(step.source)?.lines ?? [];
        await this.#deliver(step.source, changed(now, step.change), step.quietly);
        return [];
      }
      case 'hold':
        await this.#world.hold(step.source, step.held);
        this.#model.declared.set(step.source, {
          sum: null,
          ...this.#model.declared.get(step.source),
          held: step.held,
        });
        return [];
      case 'contract':
        await this.#world.setContract(step.name);
        this.#model.contract = step.name;
        return [];
      case 'run':
        return await this.#run(step, step.crash);
      case 'recover':
        return this.#model.batches.has(nameOf(step)) ? await this.#recover(step, step.verb, step.crash) : [];
      case 'follow':
        return await this.#follow(step.crash);
      case 'verify':
        return await this.#verify();
      case 'state':
        return await this.#setState(step);
      case 'damage':
        return await this.#damage(step);
    }
  }

  async #deliver(source: SourceName, lines: readonly Line[] | null, quietly: boolean): Promise<void> {
    await this.#world.deliver(source, lines, { quietly });
    const text = tellLines(lines ?? []);
    this.#model.file.set(source, lines === null ? null : { text, lines });
    const { held } = this.#model.declared.get(source) ?? { held: false };
    if (!quietly) this.#model.declared.set(source, { sum: source === 'c' ? null : text, held });
  }

  async #run(of: BatchName, crash: CrashPoint | null): Promise<string[]> {
    const worked = await this.#world.run(of, crash);
    const tasks = MANIFESTS[of.manifest].map((source) => ({ source, window: windowOf(of.manifest) }));
    return this.#compare(of, { verb: 'run', planId: null, tasks, replaces: [], recordsMin: 0 }, worked);
  }

  async #recover(
    of: BatchName,
    verb: 'retry' | 'rerun' | 'replay',
    crash: CrashPoint | null,
  ): Promise<string[]> {
    const expected = expectedPlan(this.#model, of, verb);
    const done = await this.#world.recover(of, { verb, crash }).catch(refusal);
    if (expected === 'refused') return 'refused' in done ? [] : [`${verb} was expected to be refused`];
    if ('refused' in done) return [`${verb} is refused: ${done.refused}`];
    this.#plans.set(done.planId, expected);
    return this.#executed(of, { ...expected, planId: done.planId }, done);
  }

  #executed(of: BatchName, purpose: Purpose, worked: Worked<RunReport>): string[] {
    const wrong = this.#compare(of, purpose, worked);
    const batch = this.#model.batchOf(of);
    const done = batch.lastRun.state === 'committed' || batch.lastRun.state === 'nothing_to_commit';
    // A plan that should have mended something leaves it to a verification to say so.
    if (done && worked.kind === 'ended') this.#model.incidents.mend(of, purpose.verb);
    return wrong;
  }

  #compare(of: BatchName, purpose: Purpose, worked: Worked<RunReport>): string[] {
    const ending: Ending = this.#model.run(of, purpose, worked.kind === 'died' ? worked.death : null);
    if (worked.kind === 'died') return [];
    const report = worked.value;
    const said = report.assets.map(({ sourceId, outcome }) => `${sourceId} ${outcome}`).join(', ');
    const wanted = ending.assets
      .map(({ source, outcome }) => `${source} ${waiting(outcome, ending)}`)
      .join(', ');
    const proof = report.state === 'committed' ? ` ${report.reconciliation?.verdict}` : '';
    const expected = ending.state === 'committed' ? 'committed pass' : ending.state;
    const wrong =
      expected === `${report.state}${proof}`
        ? []
        : [`run: expected ${expected}, ended ${report.state}${proof} ${report.failure?.message ?? ''}`];
    return wanted === said ? wrong : [...wrong, `run: expected ${wanted}; ended ${said}`];
  }

  async #follow(crash: CrashPoint | null): Promise<string[]> {
    const [first] = (await this.#advised()).filter(
      ({ recommendation: { kind } }) => kind !== 'none' && kind !== 'mend',
    );
    if (first === undefined) return [];
    const of = { manifest: first.manifestId.split('-')[1] as ManifestName, batch: first.batchId };
    const advised = first.recommendation;
    if (advised.kind === 'verify') return await this.#verify();
    if (advised.kind === 'run') return await this.#run(of, crash);
    if (advised.kind === 'verb') return await this.#recover(of, advised.verb, crash);
    if (advised.kind !== 'again') return [`nothing was expected of kind ${advised.kind}`];
    const verb = advised.verb as 'rerun' | 'replay';
    const planned = this.#plans.get(advised.planId);
    const done = await this.#world.again({ verb, planId: advised.planId, crash }).catch(refusal);
    if ('refused' in done)
      return /TM7102|moved/.test(done.refused) ? await this.#recover(of, verb, crash) : [done.refused];
    return planned === undefined
      ? [`unknown plan ${advised.planId}`]
      : this.#executed(of, { ...planned, planId: advised.planId }, done);
  }

  async #verify(): Promise<string[]> {
    if (this.#model.batches.size === 0) return [];
    await this.#world.ask(async (tidemark) => await tidemark.verify());
    this.#model.verify();
    return [];
  }

  /** Refused for a source of which nothing was committed, or that stands there already. */
  async #setState({ source, object, minute }: Extract<Step, { kind: 'state' }>): Promise<string[]> {
    if (this.#model.batches.size === 0) return [];
    const marks = object === 'cursor' ? this.#model.cursors : this.#model.watermarks;
    const known = this.#model.checkpointed.has(source);
    const moves = known && marks.get(source) !== minute;
    const done = await this.#world.setState(source, { object, minute }).catch(refusal);
    if (moves) marks.set(source, minute);
    const said = done === undefined ? [] : [done.refused];
    return moves === (done === undefined)
      ? []
      : [`state set: expected ${moves ? 'a move' : 'a refusal'}`, ...said];
  }

  /** Only what can be mended is damaged: the source still delivers what a raw object held, a replay is possible. */
  async #damage({ what, at }: Extract<Step, { kind: 'damage' }>): Promise<string[]> {
    const calm = [...this.#model.batches.values()].every(({ lastRun }) => lastRun.state !== 'died');
    const candidates = this.#model.units.filter((unit) => {
      const { decision, delivery, source, outcomes } = unit;
      const held = MANIFESTS[unit.manifest].some((name) => this.#model.declared.get(name)?.held);
      if (decision !== null || !calm || held) return false;
      if (what === 'data file')
        return outcomes.some(isRow) && expectedPlan(this.#model, unit, 'replay') !== 'refused';
      const same = delivery !== null && this.#model.file.get(source)?.text === delivery.text;
      return same && expectedPlan(this.#model, unit, 'rerun') !== 'refused';
    });
    const unit = candidates[at % Math.max(1, candidates.length)];
    if (unit === undefined) return [];
    const own = this.#model.units.filter((other) => isOf(other, unit) && other.decision === null);
    unit.damaged = what === 'data file';
    await this.#world.damage(unit, { what, index: own.indexOf(unit), at });
    const { symptoms } = await this.#world.ask(async (tidemark) => await tidemark.verify());
    const about = symptoms.filter(({ kind }) => kind.startsWith(what.replace(' ', '_')));
    if (about.length === 0)
      return [`verify finds no damaged ${what}, only ${symptoms.map(({ kind }) => kind).join()}`];
    const wrong: string[] = [];
    for (const command of new Set(about.map(({ suggestion }) => suggestion))) {
      const [, verb, manifest, batch] =
        /^tidemark (replay|rerun) --manifest manifest-(\w+)-\S+ --batch-id (\S+)$/.exec(command) ?? [];
      if (batch === undefined) return [`a ${what} is damaged, and verify suggests: ${command}`];
      wrong.push(
        ...(await this.#recover({ manifest: manifest as ManifestName, batch }, verb as 'replay', null)),
      );
    }
    return [...wrong, ...(await this.#verify())];
  }

  async #advised(): Promise<Advice[]> {
    return this.#model.batches.size === 0 ? [] : await this.#world.advice();
  }

  async #advice(): Promise<string[]> {
    const given = new Map(
      (await this.#advised()).map(({ manifestId, batchId, recommendation }) => {
        const what = recommendation.kind === 'verb' ? recommendation.verb : recommendation.kind;
        return [`${manifestId} ${batchId}`, [what, recommendation.reason] as const];
      }),
    );
    return [...this.#model.batches.values()].flatMap((of) => {
      const expected = expectedAdvice(this.#model, of);
      const [what, why] = given.get(`${manifestIdOf(of.manifest)} ${of.batch}`) ?? ['nothing', ''];
      return expected === what
        ? []
        : [`recover: expected ${expected} for ${nameOf(of)}; it says ${what} (${why})`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
    await this.#world[Symbol.asyncDispose]();
  }
}

/** What is prepared and waits counts as failed until the batch gets to its commit. */
function waiting(outcome: string, { state }: Ending): string {
  return state === 'failed' && outcome === 'committed' ? 'failed' : outcome;
}

function refusal(error: unknown): { refused: string } {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return { refused: `${error.code} ${error.message}` };
}

function changed(lines: readonly Line[], change: Change): readonly Line[] | null {
  switch (change.kind) {
    case 'replace':
      return change.lines;
    case 'grow':
      return [...lines, ...change.lines].slice(0, LINES_MAX);
    case 'double':
      return lines.flatMap((line) => [line, line]).slice(0, LINES_MAX);
    case 'reverse':
      return lines.toReversed();
    case 'shrink':
      return lines.slice(0, -1);
    case 'remove':
      return null;
    case 'corrupt':
      return lines.map((line, at) => (at === change.at ? { kind: 'broken' } : line));
  }
}

const LINES_MAX = 8;
