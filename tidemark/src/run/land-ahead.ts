import { concludeLanding } from './conclude-landing.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { DeclaredFile, Landing, Received } from './landed-source.ts';
import { receiveSource } from './receive-source.ts';
import type { RunContext } from './run-context.ts';
import { recalledOf } from './run-purpose.ts';

/** A run while its assets are taken one after the other. */
export interface TakingRun extends RunContext {
  readonly ahead: LandAhead;
}

/**
 * Receives the sources of the next assets while the ones before are refined, `limits.landingsAtOnceMax` assets at a time.
 * 1. What is said of a source (outcome, restart point, evidence, attempts) is said in the order of the manifest, when its
 *    turn comes; ahead of it bytes are read, and nothing is recorded.
 * 2. What fails ahead of its turn fails in its turn.
 * 3. Disposed of, it cancels what is still read and waits until nothing is written any more.
 */
export class LandAhead implements AsyncDisposable {
  readonly #run: RunContext;
  readonly #cancel = new AbortController();
  readonly #signal: AbortSignal;
  /** Begun with and not yet asked for. */
  readonly #waiting = new Map<DeclaredFile, Promise<Received>>();
  readonly #reading = new Set<Promise<unknown>>();
  #current = new Set<DeclaredFile>();
  #begun = 0;

  constructor(run: RunContext) {
    this.#run = run;
    this.#signal = AbortSignal.any([run.engine.signal, this.#cancel.signal]);
  }

  /** It is the turn of the asset at this position: those before it are done with, so many after it are begun with. */
  advance(position: number): void {
    const { parts, engine } = this.#run;
    for (const declared of this.#current) this.#waiting.delete(declared);
    this.#current = new Set(filesOf(parts[position]));
    const end = Math.min(parts.length, position + engine.limits.landingsAtOnceMax);
    for (; this.#begun < end; this.#begun += 1) {
      const asset = parts[this.#begun];
      if (asset !== undefined && isReadFromSource(this.#run, asset)) this.#receiveWhole(asset);
    }
  }

  /** The source that is wanted now, begun with already or not. */
  async land(declared: DeclaredFile): Promise<Landing> {
    const received = await (this.#waiting.get(declared) ?? this.#receive(declared));
    this.#waiting.delete(declared);
    // What was received ahead of its turn is not taken in by a run that is stopped by now.
    this.#signal.throwIfAborted();
    const { sourceId, role } = declared;
    const { failedAttempts = [] } = received;
    this.#run.attempts.push(...failedAttempts.map((failed) => ({ ...failed, sourceId, role })));
    return await concludeLanding(this.#run.engine, { declared, received });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel.abort();
    await Promise.allSettled(this.#reading);
  }

  /** An asset's own files one after the other: at once are as many files as assets. */
  #receiveWhole(asset: DeclaredAsset): void {
    let before: Promise<unknown> = Promise.resolve();
    for (const declared of filesOf(asset)) {
      const received = before.then(async () => await this.#receive(declared));
      // Told when its turn comes; until then a failure must not become an unhandled rejection.
      before = received.catch(() => undefined);
      this.#waiting.set(declared, received);
    }
  }

  async #receive(declared: DeclaredFile): Promise<Received> {
    const { engine, runId, parts, purpose } = this.#run;
    const { sourceId, role } = declared;
    this.#signal.throwIfAborted();
    const receiving = receiveSource(engine, {
      runId,
      declared,
      besideOthers: parts.length > 1,
      believesServers: purpose.verb === 'run',
      goesOn: purpose.verb === 'run' || purpose.verb === 'retry',
      movesProgress: purpose.movesProgress,
      signal: this.#signal,
      onBytes: (read) => {
        if (this.#current.has(declared))
          engine.onEvent({ kind: 'asset_progress', sourceId, stage: 'landing', ...read, records: 0 });
      },
      onFailedAttempt: (failed) => engine.onEvent({ kind: 'attempt_failed', ...failed, sourceId, role }),
    });
    this.#reading.add(receiving);
    try {
      return await receiving;
    } finally {
      this.#reading.delete(receiving);
    }
  }
}

function filesOf(asset: DeclaredAsset | undefined): DeclaredFile[] {
  return asset === undefined ? [] : [asset.file, ...asset.sidecars];
}

/** Whether a run will certainly want the bytes of an asset from where it is declared. */
export function isReadFromSource({ purpose }: Pick<RunContext, 'purpose'>, asset: DeclaredAsset): boolean {
  return !purpose.settled.has(asset) && recalledOf(purpose, asset) === null;
}
