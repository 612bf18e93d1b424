import { createRequire } from 'node:module';
import type cliProgress from 'cli-progress';
import { plainText } from '../manifest/show-value.ts';
import type { RunEvent } from '../run/events.ts';
import { RateMeter } from './progress-rate.ts';
import { type ProgressFacts, progressLine, progressNotice } from './render/progress-line.ts';

const require = createRequire(import.meta.url);

/** In a log, one line in this time at most, so that a long run is seen to live and a short one says nothing. */
const NOTICE_EVERY_MS = 30_000;

/**
 * Tells on stderr how a run goes on: one line that is redrawn on a terminal, a plain line now and then elsewhere.
 * `pause` takes the line away, for whoever writes to the same terminal.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #assets: number;
  readonly #now: () => number;
  readonly #bar: InstanceType<typeof cliProgress.SingleBar> | null;
  #meter = new RateMeter();
  #ended = 0;
  #line: ProgressFacts | string | null = null;
  #drawing = false;
  #noticedAtMs: number;

  constructor(options: { stream: NodeJS.WriteStream; assets: number; now?: () => number }) {
    this.#stream = options.stream;
    this.#assets = options.assets;
    this.#now = options.now ?? performance.now.bind(performance);
    this.#noticedAtMs = this.#now();
    this.#bar = options.stream.isTTY
      ? new (loadProgress().SingleBar)({
          stream: options.stream,
          fps: 10,
          clearOnComplete: true,
          linewrap: true,
          format: (_options, { maxWidth }) => this.#draw(maxWidth),
        })
      : null;
  }

  take(event: RunEvent): void {
    switch (event.kind) {
      case 'asset_progress':
        this.#advance(event);
        break;
      case 'attempt_failed':
        this.#show(`${plainText(event.sourceId)}: ${event.reason}; trying again`);
        break;
      case 'asset_ended':
        this.#ended += 1;
        this.#meter = new RateMeter();
        break;
      case 'committing': {
        const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : '';
        this.#show(`committing ${event.tables.map((table) => `bronze.${table}`).join(', ')}${attempt}`);
        break;
      }
      case 'run_started':
        this.#show(`${event.manifestId}: opened`);
        break;
      case 'run_ended':
        this.pause();
        break;
    }
  }

  pause(): void {
    if (this.#bar !== null && this.#drawing) this.#bar.stop();
    this.#drawing = false;
  }

  #advance(event: Extract<RunEvent, { kind: 'asset_progress' }>): void {
    const atMs = this.#now();
    const { stage, bytes, totalBytes, records } = event;
    const { perSecond } = this.#meter.take({ atMs, done: bytes });
    const facts: ProgressFacts = {
      asset: Math.min(this.#assets, this.#ended + 1),
      assets: this.#assets,
      sourceId: plainText(event.sourceId),
      stage,
      bytes,
      totalBytes,
      records,
      bytesPerSecond: perSecond,
    };
    if (this.#bar !== null) {
      this.#show(facts);
      return;
    }
    if (atMs - this.#noticedAtMs < NOTICE_EVERY_MS) return;
    this.#noticedAtMs = atMs;
    this.#stream.write(`${progressNotice(facts)}\n`);
  }

  #show(line: ProgressFacts | string): void {
    this.#line = line;
    if (this.#bar === null) return;
    if (!this.#drawing) this.#bar.start(1, 0);
    this.#drawing = true;
    this.#bar.update(0);
  }

  #draw(width: number): string {
    const line = this.#line;
    if (line === null) return '';
    return typeof line === 'string' ? plainText(line).slice(0, width - 1) : progressLine(line, width);
  }
}

/** Loaded for a terminal alone: it brings tables of its own for the width of a text. */
function loadProgress(): typeof cliProgress {
  return require('cli-progress') as typeof cliProgress;
}
