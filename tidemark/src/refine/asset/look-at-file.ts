import { open } from 'node:fs/promises';
import { UNKNOWN_TYPE } from '../../landing/sniff.ts';
import type { AssetType } from '../../manifest/source-manifest.ts';
import type { Limits } from '../../model/limits.ts';
import { mayBeMedia } from './declared-type.ts';
import { NOTHING_OBSERVED, type Observation } from './observation.ts';
import { observeHtml } from './observe-html.ts';
import { observeImage } from './observe-image.ts';
import { observeMedia } from './observe-media.ts';
import { observePdf } from './observe-pdf.ts';
import { pieceReader } from './piece-reader.ts';

/** What looking at one file needs; plain data, since it is sent to another thread. */
export interface Look {
  /** Absolute path of the landed object. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly assetType: AssetType;
  /** As sniffed at landing. */
  readonly mediaType: string;
  readonly limits: Pick<Limits, 'documentBytesMax'>;
}

/** Whether there is anything to find out by opening the file. */
export function isWorthALook({ sizeBytes, mediaType, assetType }: Look): boolean {
  if (sizeBytes === 0) return false;
  // Bytes without a known mark are taken for media only where they are declared to be media.
  if (mediaType === UNKNOWN_TYPE) return assetType === 'audio' || assetType === 'video';
  return isPage(mediaType) || mediaType === 'application/pdf' || isImage(mediaType) || mayBeMedia(mediaType);
}

/** Looks at the bytes: what they are decides how, not what they are declared to be. Broken bytes give findings. */
export async function lookAtFile(look: Look): Promise<Observation> {
  await using handle = await open(look.path, 'r');
  const file = pieceReader(handle, look.sizeBytes);
  return { ...NOTHING_OBSERVED, ...(await factsOf(look, file)), mediaType: look.mediaType };
}

async function factsOf(
  { mediaType, limits }: Look,
  file: ReturnType<typeof pieceReader>,
): Promise<Partial<Observation>> {
  if (mediaType === 'application/pdf') return observePdf({ file, limits });
  if (isPage(mediaType)) return observeHtml(file);
  if (isImage(mediaType)) return observeImage(file);
  return observeMedia(file);
}

function isPage(mediaType: string): boolean {
  return mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
}

function isImage(mediaType: string): boolean {
  return mediaType.startsWith('image/');
}
