import { ERROR_CODES } from '../errors/codes.ts';
import { loadModule } from '../source/module/load-module.ts';
import type { ModuleLocation } from '../source/module/module-location.ts';
import type { RowInterval, RowReading, RowSource } from '../source/row-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import { type LandedRows, type LandRows, landRows } from './land-rows.ts';

/** Reads the rows of a source of the project's own, whole or not at all. */
export async function readModule(
  engine: Pick<Engine, 'limits' | 'sources'>,
  request: LandRows & {
    location: ModuleLocation;
    /** Null: all of it. */
    wanted: RowInterval | null;
  },
): Promise<LandedRows | Unreachable> {
  const { limits } = engine;
  const { location, wanted } = request;
  const found = await moduleOf(engine, location.module);
  if (found.kind === 'unreachable') return found;
  const { parameters } = location;
  const read = await landRows(engine, request, {
    open: async (signal) => {
      const asked = { parameters, interval: wanted, chunkBytes: limits.chunkBytes, signal };
      return toldApart(await found.source.open(asked).catch(threw));
    },
    failureOf: (error, isLate) => {
      if (!(error instanceof Thrown)) throw error;
      const { cause } = error;
      const late = `it took longer than ${limits.databaseTotalMs / 1000} s (limits.databaseTotalMs)`;
      const reason = isLate ? late : cause instanceof Error ? cause.message : String(cause);
      return { reason, errno: (cause as NodeJS.ErrnoException | null)?.code };
    },
  });
  if (read.kind === 'read') return read;
  return unreachable({
    code: ERROR_CODES.module_failed,
    message: `module:${location.module} failed: ${read.reason}`,
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

function toldApart(rows: RowReading): RowReading {
  return {
    interval: rows.interval,
    chunks: async function* () {
      try {
        yield* rows.chunks();
      } catch (error) {
        threw(error);
      }
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await rows[Symbol.asyncDispose]();
      } catch (error) {
        threw(error);
      }
    },
  };
}

function unreachable(what: Pick<Unreachable, 'code' | 'message' | 'next'>): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', ...what };
}
