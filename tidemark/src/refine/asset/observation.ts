/** Something noticed while looking at the bytes. Evidence by itself; `find-mismatches.ts` says which ones refuse. */
export interface ObservationFinding {
  readonly rule: FindingRule;
  readonly message: string;
}

export type FindingRule =
  /** Larger than `limits.documentBytesMax`: its pages were not counted. */
  | 'document_too_large'
  /** A PDF that opens with a password only: a genuine document whose pages cannot be counted. */
  | 'pdf_encrypted'
  /** Begins as a PDF, and no reader can find its pages. */
  | 'pdf_unreadable'
  /** Our reader failed in a way that says nothing of the file. */
  | 'pdf_not_examined'
  | 'image_size_unknown'
  | 'media_not_examined'
  /** The container states more bytes or more time than the file holds. */
  | 'media_truncated'
  /** A stream without a stated length ends within a frame, as a capture does that was stopped. */
  | 'media_last_frame_cut'
  /** The file has tracks and does not state how long they are. */
  | 'duration_not_stated';

/**
 * What the bytes of one asset show. Facts of the content alone: the same bytes give the same observation.
 * Null means not stated by the bytes, not looked for, or not to be found out.
 */
export interface Observation {
  /** As sniffed at landing. */
  readonly mediaType: string;
  /** At least 1. */
  readonly pageCount: number | null;
  readonly title: string | null;
  /** BCP 47 as the document states it; not checked. */
  readonly documentLanguage: string | null;
  /** Rounded to milliseconds. */
  readonly durationSec: number | null;
  readonly sampleRateHz: number | null;
  readonly channels: number | null;
  /** `<width>x<height>` in pixels as stored, before any rotation. */
  readonly resolution: string | null;
  /** Of the first video track, else the first audio track, such as `AVC` or `PCM`. */
  readonly codec: string | null;
  /** Null where tracks were not looked for, or could not be. An attached cover picture is no video. */
  readonly hasVideo: boolean | null;
  readonly hasAudio: boolean | null;
  /** Captions within the container. */
  readonly hasText: boolean | null;
  readonly findings: readonly ObservationFinding[];
}

export const NOTHING_OBSERVED: Omit<Observation, 'mediaType'> = {
  pageCount: null,
  title: null,
  documentLanguage: null,
  durationSec: null,
  sampleRateHz: null,
  channels: null,
  resolution: null,
  codec: null,
  hasVideo: null,
  hasAudio: null,
  hasText: null,
  findings: [],
};
