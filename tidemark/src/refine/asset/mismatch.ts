export type MismatchRule =
  /** The bytes are not what the asset is declared to be. */
  | 'type_mismatch'
  | 'duration_mismatch'
  /** Marked as media, and nothing to hear or see in it. */
  | 'no_media_track'
  /** The file ends before the end that it states. */
  | 'media_truncated'
  /** Begins as a document that no reader can open. */
  | 'document_unreadable'
  | 'sidecar_too_large'
  | 'transcript_not_jsonl'
  /** A segment without numeric times, or one that ends before it starts. */
  | 'transcript_times'
  | 'transcript_without_text'
  | 'transcript_past_end'
  | 'ocr_not_text'
  | 'ocr_not_jsonl'
  | 'audio_track_type'
  | 'audio_track_duration'
  /** Stands for those beyond `limits.violationsPerRecordMax` of one sidecar, with their number. */
  | 'more_mismatches';

/** Where bytes and declaration contradict each other: a decision about the asset, with its evidence. */
export interface Mismatch {
  readonly rule: MismatchRule;
  /** The declared path of the file at fault: the asset's, or a sidecar's. */
  readonly subject: string;
  readonly expected: string;
  readonly received: string;
  /** 1-based, of a sidecar of lines. */
  readonly line?: number;
}
