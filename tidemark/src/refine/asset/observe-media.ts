import type { MediaInfoResult, Track } from 'mediainfo.js';
import { durationsAgree } from './duration-tolerance.ts';
import { readMedia } from './media-reader.ts';
import type { Observation, ObservationFinding } from './observation.ts';
import type { PieceReader } from './piece-reader.ts';

export type MediaFacts = Omit<Observation, 'mediaType' | 'pageCount' | 'title' | 'documentLanguage'>;

/** Longer than any recording: a header that says so says nothing. Ten years. */
const DURATION_SEC_MAX = 10 * 366 * 24 * 3600;
/**
 * Formats that are frame after frame without a stated length: one that ends within a frame lacks no more than that,
 * unless it states a duration that its frames do not fill.
 */
const SELF_FRAMING: ReadonlySet<string> = new Set([
  'AC-3',
  'ADTS',
  'BDAV',
  'E-AC-3',
  'MPEG Audio',
  'MPEG-PS',
  'MPEG-TS',
  'Ogg',
]);

const NOT_EXAMINED: MediaFacts = {
  durationSec: null,
  sampleRateHz: null,
  channels: null,
  resolution: null,
  codec: null,
  hasVideo: null,
  hasAudio: null,
  hasText: null,
  findings: [
    { rule: 'media_not_examined', message: 'Its tracks were not found out: the reader failed on it.' },
  ],
};

/**
 * Tracks, duration, sample rate, channels, resolution and codec of a media file. Constant memory: ranges are read, a
 * bounded number of bytes in all.
 */
export async function observeMedia(file: PieceReader): Promise<MediaFacts> {
  const result = await readMedia(file);
  return result === null ? NOT_EXAMINED : mediaFactsOf(result);
}

/** The same from MediaInfo's answer. */
export function mediaFactsOf(result: MediaInfoResult): MediaFacts {
  const tracks = result.media?.track ?? [];
  const general = tracks.find((track) => track['@type'] === 'General');
  const video = tracks.find((track) => track['@type'] === 'Video');
  const audio = tracks.find((track) => track['@type'] === 'Audio');
  const hasTracks = video !== undefined || audio !== undefined;

  const ofTracks = longest([video, audio]);
  const durationSec = sane(general?.Duration) ?? ofTracks;
  const findings: ObservationFinding[] = [];
  if (general?.extra?.IsTruncated === 'Yes') {
    findings.push(truncation({ format: general.Format ?? '', stated: durationSec, present: ofTracks }));
  }
  if (hasTracks && durationSec === null) {
    findings.push({ rule: 'duration_not_stated', message: 'The file does not state how long it is.' });
  }
  return {
    durationSec,
    sampleRateHz: positive(audio?.SamplingRate),
    channels: positive(audio?.Channels),
    resolution: positive(video?.Width) && positive(video?.Height) ? `${video?.Width}x${video?.Height}` : null,
    codec: video?.Format ?? audio?.Format ?? null,
    hasVideo: video !== undefined,
    hasAudio: audio !== undefined,
    // MediaInfo lists a PDF as a text track of itself.
    hasText: hasTracks && tracks.some((track) => track['@type'] === 'Text'),
    findings,
  };
}

function truncation({
  format,
  stated,
  present,
}: {
  format: string;
  stated: number | null;
  present: number | null;
}): ObservationFinding {
  const endsInFrame =
    SELF_FRAMING.has(format) &&
    (stated === null || present === null || present >= stated || durationsAgree(stated, present));
  return endsInFrame
    ? { rule: 'media_last_frame_cut', message: 'The last frame of the stream is not whole.' }
    : { rule: 'media_truncated', message: 'The file ends before the end that it states.' };
}

function longest(tracks: readonly (Track | undefined)[]): number | null {
  const durations = tracks.flatMap((track) =>
    track !== undefined && 'Duration' in track ? (sane(track.Duration) ?? []) : [],
  );
  return durations.length === 0 ? null : Math.max(...durations);
}

function sane(durationSec: unknown): number | null {
  if (typeof durationSec !== 'number' || !(durationSec >= 0 && durationSec < DURATION_SEC_MAX)) return null;
  return Math.round(durationSec * 1000) / 1000;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}
