import type { Limits } from '../../model/limits.ts';

/** What a file beside an asset is for: the manifest's `transcript_object_path`, `ocr_text_path`, … */
export type SidecarRole = 'transcript' | 'ocr_text' | 'keyframe_ocr' | 'audio_track';

/** A sidecar that was landed and verified. */
export interface LandedSidecar {
  /** A `SidecarRole`. */
  readonly role: string;
  /** Absolute path of the raw object. */
  readonly path: string;
  readonly sizeBytes: number;
  /** 64 lower hex. */
  readonly sha256: string;
  readonly declaredPath: string;
  /** As sniffed at landing. */
  readonly mediaType: string;
}

export function sidecarOf(sidecars: readonly LandedSidecar[], role: SidecarRole): LandedSidecar | undefined {
  return sidecars.find((sidecar) => sidecar.role === role);
}

export interface SidecarCheck {
  readonly sidecar: LandedSidecar;
  /** Observed, of the asset the sidecar belongs to; null where it has none. */
  readonly mediaDurationSec: number | null;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}
