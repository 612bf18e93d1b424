import { stat } from 'node:fs/promises';
import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError, type TidemarkError, TransientError } from '../../errors/tidemark-error.ts';
import type { AssetType } from '../../manifest/source-manifest.ts';
import type { Limits } from '../../model/limits.ts';
import { isWorthALook } from './look-at-file.ts';
import { NOTHING_OBSERVED, type Observation } from './observation.ts';
import { lookInThread } from './observer-thread.ts';

/** Longest that one file is looked at; honest files of any size take a second or two. */
const LOOK_TIMEOUT_MS = 60_000;

export interface ObserveRequest {
  /** Absolute path of the landed object. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly assetType: AssetType;
  /** As sniffed at landing. */
  readonly mediaType: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/**
 * Looks at the bytes of one asset: what they are decides how, not what they are declared to be. Broken bytes give
 * findings. Files are read by ranges; memory is bounded by `limits.documentBytesMax` for a PDF, constant for all else.
 * Running out of time or memory depends on the machine, so it never becomes a finding: findings have to be the same on
 * every run. It is a failure, which blocks the batch until it is tried again.
 * @throws the signal's reason when cancelled; TransientError when the look did not come to an end; InvariantError when
 * the object is not the one that its receipt tells of.
 */
export async function observeAsset(request: ObserveRequest): Promise<Observation> {
  const { path, sizeBytes, assetType, mediaType, signal, timeoutMs = LOOK_TIMEOUT_MS } = request;
  signal.throwIfAborted();
  await verifySize(request);
  const look = {
    path,
    sizeBytes,
    assetType,
    mediaType,
    limits: { documentBytesMax: request.limits.documentBytesMax },
  };
  if (!isWorthALook(look)) return { ...NOTHING_OBSERVED, mediaType };

  const end = await lookInThread({ look, timeoutMs, signal });
  switch (end.kind) {
    case 'observed':
      return end.observation;
    case 'cancelled':
      throw signal.reason;
    case 'timed_out':
      throw notEnded({ path, what: `took longer than ${timeoutMs / 1000} s and was stopped` });
    case 'too_large':
      throw notEnded({ path, what: `took more than ${end.bytesMax} bytes of memory and was stopped` });
    default:
      throw notEnded({ path, what: `failed: ${end.reason}` });
  }
}

async function verifySize({ path, sizeBytes }: ObserveRequest): Promise<void> {
  const found = await stat(path).catch((error: Error) => error);
  if (!(found instanceof Error) && found.size === sizeBytes) return;
  throw new InvariantError({
    code: ERROR_CODES.observed_object_changed,
    message:
      found instanceof Error
        ? `The landed object ${path} cannot be opened: ${found.message}`
        : `The landed object ${path} has ${found.size} bytes, its receipt says ${sizeBytes}.`,
    next: 'Restore the object from a backup, or remove it and run the same command again to land it anew.',
    facts: { path, sizeBytes },
  });
}

function notEnded({ path, what }: { path: string; what: string }): TidemarkError {
  return new TransientError({
    code: ERROR_CODES.observation_not_ended,
    message: `Looking into ${path} ${what}.`,
    next: 'Run the same command again when the machine is less busy; if it recurs, the file is damaged: take the asset out of the manifest.',
    facts: { path },
  });
}
