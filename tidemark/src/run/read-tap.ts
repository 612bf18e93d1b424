import { ERROR_CODES } from '../errors/codes.ts';
import { landChunks } from '../landing/land-chunks.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import { openTap, withLog } from '../source/singer/open-tap.ts';
import type { Replication } from '../source/singer/select-stream.ts';
import type { SingerLocation } from '../source/singer/singer-location.ts';
import { TapFailure } from '../source/singer/tap-failure.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';

export type TapRead =
  | {
      readonly kind: 'read';
      readonly bytes: Passed;
      /** From where to go on once these rows are committed; null where the tap never said. */
      readonly stateAfter: string | null;
    }
  | Unreachable;

/** Runs a tap and lands what it sends of a stream, whole or not at all: what a tap sent that failed is not kept. */
export async function readTap(
  engine: Pick<Engine, 'limits' | 'root' | 'singer'>,
  request: {
    tap: SingerLocation;
    replication: Replication;
    state: string | null;
    copyTo: string | null;
    signal: AbortSignal;
    onBytes(bytes: number): void;
  },
): Promise<TapRead> {
  const { root, limits, singer } = engine;
  const { tap, replication, state, copyTo, signal, onBytes } = request;
  const settings = Object.hasOwn(singer, tap.tap) ? singer[tap.tap] : undefined;
  if (settings === undefined) {
    const known = Object.keys(singer).join(', ') || 'none';
    const next = `Declare singer.${tap.tap} with its command in tidemark.yaml, or mend the manifest; then run again.`;
    return unreachable(
      tap,
      new TapFailure(`tidemark.yaml has no such tap; it has ${known}`, {
        code: ERROR_CODES.tap_unknown,
        next,
      }),
    );
  }
  try {
    const { stream } = tap;
    await using reading = await openTap({ root, settings, stream, replication, state, limits, signal });
    const end: { state: string | null } = { state: null };
    const lines = reading.lines();
    try {
      const chunks = inChunks(lines, { chunkBytes: limits.chunkBytes, end });
      const bytes = await landChunks({ chunks, copyTo, onBytes });
      return { kind: 'read', bytes, stateAfter: end.state ?? state };
    } catch (error) {
      throw error instanceof TapFailure ? withLog(error, reading.log()) : error;
    }
  } catch (error) {
    if (error instanceof TapFailure) return unreachable(tap, error);
    throw error;
  }
}

async function* inChunks(
  lines: AsyncGenerator<string, string | null>,
  { chunkBytes, end }: { chunkBytes: number; end: { state: string | null } },
): AsyncGenerator<Uint8Array> {
  let text = '';
  try {
    for (;;) {
      const next = await lines.next();
      if (next.done) {
        end.state = next.value;
        break;
      }
      text += next.value;
      if (text.length < chunkBytes) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  } finally {
    await lines.return(null);
  }
}

function unreachable({ tap }: SingerLocation, { code, message, next }: TapFailure): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', code, message: `Tap ${tap}: ${message}.`, next };
}
