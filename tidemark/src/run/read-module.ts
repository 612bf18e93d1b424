import { ERROR_CODES } from '../errors/codes.ts';
import { landChunks } from '../landing/land-chunks.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import { type FailedAttempt, patiently } from '../landing/read-patiently.ts';
import type { Reading } from '../landing/reading.ts';
import { loadModule } from '../source/module/load-module.ts';
import type { ModuleLocation } from '../source/module/module-location.ts';
import type { FixedInterval, RowInterval, RowSource } from '../source/row-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';

export type ModuleRead =
  | { readonly kind: 'read'; readonly bytes: Passed; readonly interval: FixedInterval | null }
  | Unreachable;

/** Reads the rows of a source of the project's own, whole or not at all; each attempt is a reading of its own. */
export async function readModule(
  engine: Pick<Engine, 'limits' | 'sources'>,
  request: {
    location: ModuleLocation;
    /** Null: all of it. */
    wanted: RowInterval | null;
    copyTo: string | null;
    signal: AbortSignal;
    onBytes(bytes: number): void;
    onFailedAttempt(failed: FailedAttempt): void;
  },
): Promise<ModuleRead> {
  const { limits } = engine;
  const { location, wanted, copyTo, signal, onBytes, onFailedAttempt } = request;
  const found = await moduleOf(engine, location.module);
  if (found.kind === 'unreachable') return found;
  const { source } = found;
  let read: Extract<ModuleRead, { kind: 'read' }> | null = null;
  const reading = async (): Promise<Reading> => {
    const deadline = AbortSignal.timeout(limits.databaseTotalMs);
    const either = AbortSignal.any([signal, deadline]);
    const { parameters } = location;
    const asked = { parameters, interval: wanted, chunkBytes: limits.chunkBytes, signal: either };
    try {
      await using rows = await source.open(asked).catch(threw);
      const bytes = await landChunks({ chunks: toldApart(rows.chunks()), copyTo, onBytes });
      read = { kind: 'read', bytes, interval: rows.interval };
      return { kind: 'read', bytes: { ...bytes, stat: null } };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Thrown)) throw error;
      const { cause } = error;
      const late = `it took longer than ${limits.databaseTotalMs / 1000} s (limits.databaseTotalMs)`;
      const reason = deadline.aborted ? late : cause instanceof Error ? cause.message : String(cause);
      return { kind: 'unreadable', reason, errno: (cause as NodeJS.ErrnoException | null)?.code };
    }
  };
  const last = await patiently({ limits, signal, onFailedAttempt }, reading);
  if (read !== null) return read;
  return unreachable({
    code: ERROR_CODES.module_failed,
    message: `module:${location.module} failed: ${last.kind === 'unreadable' ? last.reason : last.kind}`,
    next: 'Mend the module, or what it reads from, then run the same command again.',
  });
}

/** A source that the project names, loaded. */
export async function moduleOf(
  { sources }: Pick<Engine, 'sources'>,
  module: string,
): Promise<{ readonly kind: 'source'; readonly source: RowSource } | Unreachable> {
  const declared = Object.hasOwn(sources, module) ? sources[module] : undefined;
  const known = Object.keys(sources).join(', ') || 'none';
  const found =
    typeof declared === 'string'
      ? await loadModule(declared)
      : (declared ?? `tidemark.yaml has no source ${module}; it has ${known}`);
  if (typeof found !== 'string') return { kind: 'source', source: found };
  return unreachable({
    code: ERROR_CODES.module_unusable,
    message: `module:${module} cannot be used: ${found}.`,
    next: `Declare sources.${module} with the path of its module in tidemark.yaml, or mend what the message names; then run again.`,
  });
}

/** What the source threw, told from what our own disk did. */
class Thrown extends Error {}

function threw(cause: unknown): never {
  throw new Thrown('', { cause });
}

async function* toldApart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    threw(error);
  }
}

function unreachable(what: Pick<Unreachable, 'code' | 'message' | 'next'>): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', ...what };
}
