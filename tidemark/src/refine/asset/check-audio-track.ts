import { agreementOf } from './declared-type.ts';
import { durationsAgree, durationToleranceSec } from './duration-tolerance.ts';
import type { Mismatch } from './mismatch.ts';
import { observeAsset } from './observe-asset.ts';
import type { SidecarCheck } from './sidecar.ts';

/** The sound of a video as a file of its own: sound without pictures, as long as the video. */
export async function checkAudioTrack(check: SidecarCheck): Promise<readonly Mismatch[]> {
  const { sidecar, mediaDurationSec, limits, signal } = check;
  const { path, sizeBytes, mediaType, declaredPath: subject } = sidecar;
  const seen = await observeAsset({ path, sizeBytes, mediaType, assetType: 'audio', limits, signal });

  const agreement = agreementOf('audio', seen);
  if (agreement.kind === 'contradicts') {
    return [
      { rule: 'audio_track_type', subject, expected: agreement.expected, received: agreement.received },
    ];
  }
  if (seen.hasAudio === false) {
    return [
      { rule: 'audio_track_type', subject, expected: 'an audio track', received: `${mediaType} without one` },
    ];
  }
  const { durationSec } = seen;
  if (durationSec === null || mediaDurationSec === null || durationsAgree(durationSec, mediaDurationSec))
    return [];
  const expected = `${mediaDurationSec} s as the video (± ${durationToleranceSec(mediaDurationSec)} s)`;
  return [{ rule: 'audio_track_duration', subject, expected, received: `${durationSec} s` }];
}
