import type { ManifestAsset } from '../../manifest/source-manifest.ts';
import { agreementOf } from './declared-type.ts';
import { durationsAgree, durationToleranceSec } from './duration-tolerance.ts';
import type { Mismatch, MismatchRule } from './mismatch.ts';
import type { FindingRule, Observation } from './observation.ts';

/** Findings that say the file itself is unfit. The others are evidence beside the row. */
const REFUSING: Partial<Record<FindingRule, { readonly rule: MismatchRule; readonly expected: string }>> = {
  media_truncated: { rule: 'media_truncated', expected: 'a whole file' },
  pdf_unreadable: { rule: 'document_unreadable', expected: 'a PDF that a reader can open' },
};

/**
 * Where the observed bytes contradict the declared asset, in a fixed order: its type, what is broken in it, its
 * duration, then its sidecars. Bytes of another type are not also blamed for what that type lacks.
 */
export function findMismatches({
  asset,
  observation,
  sidecarMismatches,
}: {
  asset: ManifestAsset;
  observation: Observation;
  sidecarMismatches: readonly Mismatch[];
}): readonly Mismatch[] {
  const subject = asset.source_url_or_path;
  const agreement = agreementOf(asset.asset_type, observation);
  if (agreement.kind === 'contradicts') {
    const { expected, received } = agreement;
    return [{ rule: 'type_mismatch', subject, expected, received }, ...sidecarMismatches];
  }
  return [...brokenness(asset, observation), ...durationMismatches(asset, observation), ...sidecarMismatches];
}

function brokenness(
  asset: ManifestAsset,
  { mediaType, hasAudio, hasVideo, findings }: Observation,
): Mismatch[] {
  const subject = asset.source_url_or_path;
  const refused = findings.flatMap((finding): Mismatch[] => {
    const refusing = REFUSING[finding.rule];
    return refusing === undefined ? [] : [{ ...refusing, subject, received: finding.message }];
  });
  // A truncated file often loses its index and with it its tracks: one fault, told once.
  if (refused.length > 0 || hasAudio !== false || hasVideo !== false) return refused;
  if (asset.asset_type !== 'audio' && asset.asset_type !== 'video') return refused;
  const expected = asset.asset_type === 'audio' ? 'an audio track' : 'a video track';
  return [{ rule: 'no_media_track', subject, expected, received: `${mediaType} without any track` }];
}

function durationMismatches(asset: ManifestAsset, { durationSec }: Observation): Mismatch[] {
  const declared = asset.duration_sec;
  if (declared === null || declared === undefined || durationSec === null) return [];
  if (durationsAgree(declared, durationSec)) return [];
  const expected = `${declared} s as declared (± ${durationToleranceSec(durationSec)} s)`;
  const received = `${durationSec} s`;
  return [{ rule: 'duration_mismatch', subject: asset.source_url_or_path, expected, received }];
}
