import { EMPTY_TYPE, UNKNOWN_TYPE } from '../../landing/sniff.ts';
import type { AssetType } from '../../manifest/source-manifest.ts';
import type { Observation } from './observation.ts';

export type TypeAgreement =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'contradicts'; readonly expected: string; readonly received: string };

type Seen = Pick<Observation, 'mediaType' | 'hasAudio' | 'hasVideo'>;

interface TypeRule {
  /** What the declared type asks of the bytes, in words. */
  readonly expected: string;
  allows(seen: Seen): boolean;
}

const HTML = ['text/html', 'application/xhtml+xml'];
const JSON_TYPES = ['application/x-ndjson', 'application/json'];
const WRITTEN = [
  ...HTML,
  ...JSON_TYPES,
  'application/pdf',
  'application/rtf',
  'application/xml',
  'application/yaml',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
];
/** Containers that hold sound, moving pictures or both: their mark alone does not say which. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'application/ogg',
  'audio/x-ms-asf',
  'video/3gpp',
  'video/3gpp2',
  'video/matroska',
  'video/mp1s',
  'video/mp2p',
  'video/mp2t',
  'video/mp4',
  'video/ogg',
  'video/quicktime',
  'video/webm',
  'video/x-ms-asf',
]);

const isText = ({ mediaType }: Seen) => mediaType.startsWith('text/');
const oneOf =
  (types: readonly string[]) =>
  ({ mediaType }: Seen) =>
    types.includes(mediaType);
const writing: TypeRule = {
  expected: 'a written document (HTML, PDF, plain text, Markdown, JSON, YAML, XML, RTF, DOCX or ODT)',
  allows: (seen) => isText(seen) || oneOf(WRITTEN)(seen),
};

function records(expected: string): TypeRule {
  const allows = (seen: Seen) =>
    oneOf([...JSON_TYPES, EMPTY_TYPE])(seen) || (isText(seen) && seen.mediaType !== 'text/html');
  return { expected, allows };
}

/**
 * Which observed types agree with each declared `asset_type`. The types of content (`faq`, `release_notes`, `api_doc`,
 * `community_post`) say what a document is about, not its format: anything written agrees. An empty or unreadable JSON
 * lines file is no contradiction, since each of its lines is judged by itself.
 */
export const TYPE_RULES: Readonly<Record<AssetType, TypeRule>> = {
  jsonl: records('JSON lines (application/x-ndjson)'),
  json: records('JSON'),
  csv: records('delimited text'),
  tsv: records('delimited text'),
  parquet: { expected: 'a table of columns (Parquet)', allows: oneOf(['application/vnd.apache.parquet']) },
  pdf: { expected: 'application/pdf', allows: oneOf(['application/pdf']) },
  html: { expected: 'text/html', allows: oneOf(HTML) },
  faq: writing,
  release_notes: writing,
  api_doc: writing,
  community_post: writing,
  image: { expected: 'an image (image/*)', allows: ({ mediaType }) => mediaType.startsWith('image/') },
  audio: { expected: 'sound without a video track', allows: (seen) => isSound(seen) },
  video: { expected: 'media with a video track', allows: (seen) => isMovingPicture(seen) },
  other: { expected: 'anything', allows: () => true },
};

/**
 * Whether the bytes are what the asset is declared to be. For media the tracks decide where they are known: sound in a
 * video container is audio, and a container without pictures is no video.
 */
export function agreementOf(assetType: AssetType, seen: Seen): TypeAgreement {
  const rule = TYPE_RULES[assetType];
  return rule.allows(seen)
    ? { kind: 'agrees' }
    : { kind: 'contradicts', expected: rule.expected, received: describeSeen(seen) };
}

/** Whether the mark of the bytes leaves it open that they are media. */
export function mayBeMedia(mediaType: string): boolean {
  return /^(audio|video)\//.test(mediaType) || CONTAINERS.has(mediaType) || mediaType === UNKNOWN_TYPE;
}

function isSound({ mediaType, hasAudio, hasVideo }: Seen): boolean {
  if (!mayBeMedia(mediaType) || hasVideo === true) return false;
  if (hasAudio === true) return true;
  // Marked as sound and without a track is broken, not something else: find-mismatches.ts says so.
  return mediaType.startsWith('audio/') || CONTAINERS.has(mediaType);
}

function isMovingPicture({ mediaType, hasAudio, hasVideo }: Seen): boolean {
  if (!mayBeMedia(mediaType)) return false;
  if (hasVideo === true) return true;
  if (hasAudio === true) return false;
  return mediaType.startsWith('video/') || CONTAINERS.has(mediaType);
}

function describeSeen({ mediaType, hasAudio, hasVideo }: Seen): string {
  if (mediaType === EMPTY_TYPE) return 'an empty file';
  if (mediaType === UNKNOWN_TYPE && !hasAudio && !hasVideo) return `bytes of no known type (${UNKNOWN_TYPE})`;
  if (hasVideo) return `${mediaType} with a video track`;
  return hasAudio ? `${mediaType} with sound only` : mediaType;
}
