import { CONTRACTS, type ContractName, contentOf, type Line, minuteOf } from './deliveries.ts';
import { type Finding, Incidents } from './expected-incidents.ts';

/**
 * What should be true, told as simply as it can be and without a line of the engine: a table is the outcome of every line
 * of every committed unit, in the order of commits. `docs/INVARIANTS.md` says the same in words.
 */

export const MANIFESTS = { desk: ['a', 'b'], portal: ['c'] } as const;
export type ManifestName = keyof typeof MANIFESTS;
export type SourceName = (typeof MANIFESTS)[ManifestName][number];

/** `portal` reads by cursor, from this minute on, and declares no sums. */
export const CURSOR_START = 10;

export interface Delivery {
  readonly text: string;
  readonly lines: readonly Line[];
}

export interface BatchName {
  readonly manifest: ManifestName;
  readonly batch: string;
}

type Disposition = 'held' | 'refused';
export type Verb = 'run' | 'retry' | 'rerun' | 'replay';

interface Window {
  readonly from: number;
  readonly to: number;
}

export interface Outcome {
  readonly kind: 'accepted' | 'duplicate' | 'out_of_window' | 'rejected' | 'blank';
  readonly content: string;
  /** The row that stands for a duplicate. */
  readonly keeper: { readonly unit: Unit; readonly line: number } | null;
}

export interface Unit extends BatchName {
  readonly key: string;
  readonly source: SourceName;
  /** Null: nothing could be read of a held source. */
  readonly delivery: Delivery | null;
  readonly window: Window | null;
  readonly contract: ContractName;
  readonly decision: { readonly disposition: Disposition; readonly reasons: readonly string[] } | null;
  outcomes: readonly Outcome[];
  /** A data file of it is not what was committed. */
  damaged: boolean;
  /** Contents that it was compared with. */
  history: ReadonlySet<string>;
}

/** What a run does with one declared source. */
export interface Task {
  readonly source: SourceName;
  /** Stored bytes in place of the source's. */
  readonly recalled?: Delivery | null;
  readonly window: Window | null;
  /** Key of the unit that stands for it: the plan found that it needs nothing. */
  readonly settled?: string;
  /** Whether the bytes have to be those that the manifest declares. */
  readonly asDeclared?: boolean;
}

export interface Purpose {
  readonly verb: Verb;
  readonly planId: string | null;
  readonly tasks: readonly Task[];
  readonly replaces: readonly Unit[];
  readonly recordsMin: number;
}

/** How far a run had come when it died. */
export interface Stop {
  readonly point: string;
  readonly assetsEnded: number;
  readonly committed: boolean;
}

export type AssetOutcome = 'committed' | 'already_committed' | 'held' | 'refused' | 'failed';

export interface Ending {
  readonly state: 'committed' | 'nothing_to_commit' | 'failed' | 'died';
  readonly assets: readonly TakenAsset[];
}

export interface TakenAsset {
  readonly source: SourceName;
  readonly outcome: AssetOutcome;
  /** What is wrong with it, for an incident. */
  readonly finding: Finding | null;
}

/** Points of an asset at which its delivery is recorded. */
const RECEIVED = ['receipt_recorded', 'unit_refined', 'data_files_written', 'unit_prepared'];

interface Commit {
  readonly of: BatchName;
  readonly replaced: readonly Unit[];
  readonly assets: readonly TakenAsset[];
}

export interface BatchState extends BatchName {
  lastRun: { state: Ending['state'] | 'refused_loss' | 'interrupted'; verb: Verb; planId: string | null };
  /** What its unfinished runs have prepared, by source. */
  pending: Map<SourceName, Delivery>;
  /** The unit, of whatever batch, in which its finished runs last found the content of a source. */
  found: Map<SourceName, string>;
  /** What was wrong with a source when a run last took it. */
  readonly findings: Map<SourceName, Finding | null>;
  /** The contract under which its last executed replay judged it. */
  replayedUnder: ContractName | null;
}

export class Reference {
  contract: ContractName = 'plain';
  readonly file = new Map<SourceName, Delivery | null>();
  /** What the manifest says of a source: the text whose sum it declares, and whether its metadata is missing. */
  readonly declared = new Map<SourceName, { sum: string | null; held: boolean }>();
  units: Unit[] = [];
  readonly batches = new Map<string, BatchState>();
  unproven: Commit[] = [];
  readonly incidents = new Incidents();
  private readonly received = new Set<string>();
  private readonly stored = new Set<string>();
  /** Stored bytes that nothing knows, as the last verification told. */
  strays: readonly string[] = [];
  readonly cursors = new Map<SourceName, number>();
  readonly watermarks = new Map<SourceName, number>();
  /** Sources of which something was committed. */
  readonly checkpointed = new Set<SourceName>();

  run(of: BatchName, purpose: Purpose, stop: Stop | null): Ending {
    const batch = this.batchOf(of);
    const found = new Map<SourceName, string>();
    const end = (state: Ending['state'], assets: Ending['assets'] = []): Ending => {
      batch.lastRun = { state, verb: purpose.verb, planId: purpose.planId };
      if (state === 'committed' || state === 'nothing_to_commit') {
        batch.pending.clear();
        for (const [source, key] of found) batch.found.set(source, key);
        if (purpose.verb === 'replay') batch.replayedUnder = this.contract;
        if (stop === null) this.compareWithPast(of.manifest);
      }
      return { state, assets };
    };
    for (const { manifest, lastRun } of this.batches.values())
      if (manifest === of.manifest && lastRun.state === 'died') lastRun.state = 'interrupted';
    if (stop?.point === 'run_opened') return end('died');
    const inEarlierProof = stop !== null && !stop.committed && ['read_back', 'proven'].includes(stop.point);
    if (!inEarlierProof || stop.point === 'proven') this.proveAll(of.manifest);
    if (inEarlierProof) return end('died');

    const assets: TakenAsset[] = [];
    const fresh: Unit[] = [];
    for (const [index, task] of purpose.tasks.entries()) {
      const reached = stop === null || stop.committed || index < stop.assetsEnded;
      if (!reached && index > stop.assetsEnded) break;
      const delivery = task.recalled ?? this.file.get(task.source) ?? null;
      // What is received anew stands in the place of what was prepared of the source before.
      const received = reached || RECEIVED.includes(stop.point);
      if (received && task.settled === undefined && delivery !== null)
        if (batch.pending.get(task.source)?.text !== delivery.text) batch.pending.delete(task.source);
      if (task.settled === undefined && delivery !== null)
        this.keep(delivery, received ? 'recorded' : stop.point === 'object_promoted' ? 'stored' : 'nothing');
      if (!reached && stop.point !== 'unit_prepared') break;
      const [outcome, unit, finding = null] = this.take(of, task, purpose, found);
      assets.push({ source: task.source, outcome, finding });
      if (unit === null) continue;
      fresh.push(unit);
      if (unit.decision === null && delivery !== null) batch.pending.set(unit.source, delivery);
    }
    if (stop !== null && !stop.committed) return end('died');
    const failed = assets.some(({ outcome }) => outcome === 'failed');
    this.tellOf(
      of,
      assets.filter(({ outcome }) => !failed || outcome !== 'committed'),
    );
    if (failed) return end('failed', assets);
    const goesOut = purpose.replaces.some(
      ({ outcomes, decision }) => outcomes.some(isRow) || decision !== null,
    );
    if (fresh.length === 0 && !goesOut) {
      this.settle(of, assets);
      return end('nothing_to_commit', assets);
    }
    const read = fresh.reduce((sum, { delivery, decision }) => sum + (decision ? 0 : readsOf(delivery)), 0);
    if (read < purpose.recordsMin) {
      batch.lastRun = { state: 'refused_loss', verb: purpose.verb, planId: purpose.planId };
      return { state: 'failed', assets };
    }
    this.commit({ of, replaced: purpose.replaces, assets }, fresh, purpose.verb);
    if (stop === null || stop.point === 'proven') this.proveAll(of.manifest);
    end('committed', assets);
    return { state: stop === null ? 'committed' : 'died', assets };
  }

  /** How one source ends, and the unit that it brings to the commit, if any. */
  private take(
    of: BatchName,
    task: Task,
    purpose: Purpose,
    found: Map<SourceName, string>,
  ): [AssetOutcome, Unit | null, (Finding | null)?] {
    const { source, window } = task;
    const there = (key: string): [AssetOutcome, null] => {
      found.set(source, key);
      return ['already_committed', null];
    };
    if (task.settled !== undefined) return there(task.settled);
    const declared = this.declared.get(source);
    const delivery = task.recalled ?? this.file.get(source) ?? null;
    const differs = (task.asDeclared ?? true) && declared?.sum != null && delivery?.text !== declared.sum;
    if (declared?.held) {
      const why = delivery === null ? ['source_missing'] : differs ? ['checksum_mismatch'] : [];
      return this.decide(of, { task, delivery, disposition: 'held', why, purpose });
    }
    if (delivery === null) return ['failed', null, { kind: 'source_not_received', verb: 'retry' }];
    if (differs)
      return this.decide(of, { task, delivery, disposition: 'refused', why: ['checksum_mismatch'], purpose });
    const content = JSON.stringify([source, delivery.text, window]);
    const key = `${content} ${this.contract}`;
    const same =
      this.units.find((unit) => unit.key === key) ??
      this.units.findLast((unit) => unit.key.startsWith(content));
    if (same !== undefined && !purpose.replaces.includes(same)) return there(same.key);
    return ['committed', this.unit(of, { key, source, delivery, window, decision: null })];
  }

  private decide(
    of: BatchName,
    made: {
      task: Task;
      delivery: Delivery | null;
      disposition: Disposition;
      why: readonly string[];
      purpose: Purpose;
    },
  ): [AssetOutcome, Unit | null, (Finding | null)?] {
    const { task, delivery, disposition, purpose } = made;
    const { source } = task;
    const reasons = [...(disposition === 'held' ? ['missing_metadata'] : []), ...made.why];
    const key = `decision ${JSON.stringify([source, delivery?.text ?? null, disposition, reasons])}`;
    const known = this.units.find((unit) => unit.key === key);
    const finding = findingOf(made.why);
    if (known !== undefined && !purpose.replaces.includes(known)) return [disposition, null, finding];
    const decision = { disposition, reasons };
    const unit = this.unit(of, { key, source, delivery, window: null, decision });
    return [disposition, unit, finding];
  }

  private unit(of: BatchName, made: Pick<Unit, 'key' | 'source' | 'delivery' | 'window' | 'decision'>): Unit {
    return { ...of, ...made, contract: this.contract, outcomes: [], damaged: false, history: new Set() };
  }

  private commit(commit: Commit, fresh: readonly Unit[], verb: Verb): void {
    this.units = this.units.filter((unit) => !commit.replaced.includes(unit));
    for (const unit of fresh) {
      unit.history = new Set(this.rows().keys());
      unit.outcomes = unit.decision === null ? this.judge(unit) : [];
      this.units.push(unit);
      if (unit.decision === null) this.checkpointed.add(unit.source);
      if (verb !== 'replay') this.advance(unit);
    }
    this.unproven.push(commit);
  }

  /** Every line has one outcome; the first of equal records is the one that is kept. */
  judge(unit: Unit, contract = unit.contract, history = this.rows()): Outcome[] {
    const own = new Map<string, Outcome['keeper']>();
    return (unit.delivery?.lines ?? []).map((line, index) => {
      const outcome = (kind: Outcome['kind'], content = '', keeper: Outcome['keeper'] = null) => ({
        kind,
        content,
        keeper,
      });
      if (line.kind === 'blank') return outcome('blank');
      if (line.kind === 'broken') return outcome('rejected');
      const content = contentOf(line);
      if (!CONTRACTS[contract](line)) return outcome('rejected', content);
      const minute = minuteOf(line.id);
      if (unit.window && (minute < unit.window.from || minute >= unit.window.to))
        return outcome('out_of_window', content);
      const keeper = history.get(content) ?? own.get(content) ?? null;
      if (keeper !== null) return outcome('duplicate', content, keeper);
      own.set(content, { unit, line: index + 1 });
      return outcome('accepted', content);
    });
  }

  /** The table: where each content stands. */
  rows(): Map<string, NonNullable<Outcome['keeper']>> {
    const rows = new Map<string, NonNullable<Outcome['keeper']>>();
    for (const unit of this.units)
      for (const [index, { kind, content }] of unit.outcomes.entries())
        if (kind === 'accepted') rows.set(content, { unit, line: index + 1 });
    return rows;
  }

  private advance({ source, window, delivery, outcomes }: Unit): void {
    const forward = (marks: Map<SourceName, number>, kinds: readonly Outcome['kind'][]) => {
      for (const [index, line] of (delivery?.lines ?? []).entries()) {
        if (line.kind !== 'record' || !kinds.includes(outcomes[index]?.kind ?? 'blank')) continue;
        const inside = window === null || (minuteOf(line.id) >= window.from && minuteOf(line.id) < window.to);
        if (inside) marks.set(source, Math.max(minuteOf(line.id), marks.get(source) ?? 0));
      }
    };
    if (window !== null) forward(this.cursors, ['accepted', 'duplicate', 'rejected']);
    forward(this.watermarks, ['accepted', 'duplicate']);
  }

  private proveAll(manifest: ManifestName): void {
    for (const commit of this.unproven.filter(({ of }) => of.manifest === manifest)) this.prove(commit);
    this.unproven = this.unproven.filter(({ of }) => of.manifest !== manifest);
  }

  /** Stored bytes are found by their receipt; those of a run that died between the two are strays. */
  private keep({ text }: Delivery, how: 'recorded' | 'stored' | 'nothing'): void {
    if (how === 'recorded') this.received.add(text);
    if (how === 'stored') this.stored.add(text);
  }

  /** Batches judged under another contract than there is now, unless a replay showed that they come to the same. */
  private compareWithPast(manifest: ManifestName): void {
    this.incidents.resolve(
      (incident) => incident.kind === 'contract_drift' && incident.manifest === manifest,
    );
    for (const unit of this.units) {
      if (unit.manifest !== manifest || unit.decision !== null || unit.contract === this.contract) continue;
      if (this.batchOf(unit).replayedUnder === this.contract) continue;
      const { batch, contract: distinction } = unit;
      this.incidents.open({
        manifest,
        batch,
        source: null,
        kind: 'contract_drift',
        verb: 'replay',
        distinction,
      });
    }
  }

  /** What is wrong with sources is told by the run that took them. */
  private tellOf(of: BatchName, assets: readonly TakenAsset[]): void {
    for (const { source, finding } of assets) {
      this.batchOf(of).findings.set(source, finding);
      if (finding !== null) this.incidents.open({ ...of, ...finding, source });
    }
  }

  /** A run that is proven, or that found nothing to do, has looked at its batch and the sources that it took. */
  private settle(of: BatchName, assets: readonly TakenAsset[]): void {
    this.incidents.resolve((incident) => {
      if (!isOf(incident, of) || incident.kind === 'duplicate_without_keeper') return false;
      const taken = assets.find(({ source }) => source === incident.source);
      return (
        incident.kind === 'batch_unfinished' || (taken !== undefined && taken.finding?.kind !== incident.kind)
      );
    });
  }

  /** Duplicates that a replacement left without their keeper are told of, until they have one again. */
  private prove({ of, replaced, assets }: Commit): void {
    const keys = new Set(replaced.map(({ key }) => key));
    for (const unit of this.orphaned(({ unit: keeper }) => keys.has(keeper.key)))
      this.incidents.open(orphans(unit));
    this.settle(of, assets);
    const still = this.orphaned(() => true);
    this.incidents.resolve(
      (incident) =>
        isOf(incident, of) &&
        incident.kind === 'duplicate_without_keeper' &&
        !still.some((unit) => isOf(unit, of) && unit.source === incident.source),
    );
  }

  /** Units with duplicates of records that are there no more. */
  private orphaned(by: (keeper: NonNullable<Outcome['keeper']>) => boolean): Unit[] {
    const rows = this.rows();
    return this.units.filter(({ outcomes }) =>
      outcomes.some(({ content, keeper }) => keeper !== null && !rows.has(content) && by(keeper)),
    );
  }

  /** Looks at everything: what is wrong is open, the rest is over. */
  verify(): void {
    // The successor of a run that died may record what that run stored.
    const awaited = [...this.batches.values()].some(({ lastRun }) => lastRun.state === 'died');
    this.strays = awaited ? [] : [...this.stored].filter((text) => !this.received.has(text));
    this.incidents.resolve(() => true);
    for (const unit of this.orphaned(() => true)) this.incidents.open(orphans(unit));
    for (const manifest of new Set([...this.batches.values()].map((batch) => batch.manifest)))
      this.compareWithPast(manifest);
    for (const batch of this.batches.values()) {
      const { manifest, batch: name, lastRun } = batch;
      for (const [source, finding] of batch.findings)
        if (finding !== null) this.incidents.open({ manifest, batch: name, source, ...finding });
      if (lastRun.state === 'died' || lastRun.state === 'interrupted')
        this.incidents.open({ manifest, batch: name, source: null, kind: 'batch_unfinished', verb: 'retry' });
    }
  }

  /** What stands for a source that brought the batch nothing of its own. */
  foundElsewhere(of: BatchName, source: SourceName): string | undefined {
    const key = this.batchOf(of).found.get(source);
    return this.units.some((unit) => unit.key === key) ? key : undefined;
  }

  batchOf(of: BatchName): BatchState {
    const known = this.batches.get(nameOf(of));
    if (known !== undefined) return known;
    const made: BatchState = {
      ...of,
      lastRun: { state: 'died', verb: 'run', planId: null },
      pending: new Map(),
      found: new Map(),
      findings: new Map(),
      replayedUnder: null,
    };
    this.batches.set(nameOf(of), made);
    return made;
  }
}

function findingOf([rule]: readonly string[]): Finding | null {
  if (rule === undefined) return null;
  const kind = rule === 'source_missing' ? 'source_not_received' : 'source_contradicts_manifest';
  return { kind, verb: 'rerun' };
}

export const nameOf = ({ manifest, batch }: BatchName): string => `${manifest}/${batch}`;
export const isOf = (unit: BatchName, of: BatchName): boolean => nameOf(unit) === nameOf(of);
const orphans = ({ manifest, batch, source }: Unit) =>
  ({ manifest, batch, source, kind: 'duplicate_without_keeper', verb: 'replay' }) as const;
export const readsOf = (delivery: Delivery | null): number =>
  (delivery?.lines ?? []).filter(({ kind }) => kind !== 'blank').length;
export const isRow = ({ kind }: Outcome): boolean => kind !== 'blank';
export const windowOf = (manifest: ManifestName): Window | null =>
  manifest === 'portal' ? { from: CURSOR_START, to: Number.POSITIVE_INFINITY } : null;
