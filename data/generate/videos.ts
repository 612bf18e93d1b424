import { type GeneratedFile, textFile, twelveHex } from './generated-file.ts';
import { seededRandom } from './prng.ts';
import { type Screencast, screencastSeconds, writeScreencast } from './screencast.ts';
import { transcriptFile, type Utterance } from './transcripts.ts';
import { writeWave } from './wave.ts';

const VIDEO_FOLDER = 'data/seeds/videos';

export interface Video extends Screencast {
  /** Path without extension. */
  readonly stem: string;
  readonly utterances: readonly Utterance[];
  /** Whether its sound is delivered as a file of its own. */
  readonly audioTrack: boolean;
  /** Keyframe text as JSON lines with times, or as bare text. */
  readonly keyframeForm: 'jsonl' | 'txt';
  readonly notes: string;
}

export function videoId(slug: string): string {
  return `VID-northstar_studio-${twelveHex(`videos/${slug}`)}`;
}

export const VIDEOS: readonly (Video & { readonly slug: string })[] = [
  {
    slug: 'studio-export-presets',
    stem: `${VIDEO_FOLDER}/studio-export-presets`,
    title: 'STUDIO: EXPORT PRESETS',
    madeAt: '2026-03-23T10:00:00Z',
    audioTrack: true,
    keyframeForm: 'jsonl',
    scenes: [
      { seconds: 1.5, lines: ['FILE > EXPORT', 'PRESET: SCREEN'] },
      { seconds: 2.5, lines: ['PRESET: PRINT', 'EMBED PROFILE: YES', 'QUEUE: 1 DOCUMENT'] },
    ],
    utterances: [
      { start_sec: 0.2, end_sec: 1.4, speaker: 'narrator', text: 'Open the export menu.' },
      { start_sec: 1.6, end_sec: 3.8, speaker: 'narrator', text: 'Choose print and embed the profile.' },
    ],
    notes: 'First lesson of the Studio course; the sound is delivered beside the picture.',
  },
  {
    slug: 'studio-template-library',
    stem: `${VIDEO_FOLDER}/studio-template-library`,
    title: 'STUDIO: TEMPLATES',
    madeAt: '2026-03-24T10:00:00Z',
    audioTrack: false,
    keyframeForm: 'txt',
    scenes: [
      { seconds: 2, lines: ['LIBRARY: 48 TEMPLATES', 'FILTER: FLYER'] },
      { seconds: 1, lines: ['DRAG YOUR PICTURE HERE'] },
      { seconds: 2, lines: ['SAVED AS FLYER-04', 'SHARE WITH TEAM: ON'] },
    ],
    utterances: [
      {
        start_sec: 0.3,
        end_sec: 1.9,
        speaker: 'narrator',
        text: 'The library has a filter for every kind of print.',
      },
      { start_sec: 2.1, end_sec: 3, speaker: 'narrator', text: 'Drop your picture.' },
      {
        start_sec: 3.2,
        end_sec: 5,
        speaker: 'narrator',
        text: 'Shared templates appear for the whole team.',
      },
    ],
    notes: 'Second lesson; spoken text was written down from the script, the picture has no sound.',
  },
];

export function videoPaths({ stem, keyframeForm }: Pick<Video, 'stem' | 'keyframeForm'>) {
  return {
    video: `${stem}.mp4`,
    transcript: `${stem}.transcript.jsonl`,
    keyframes: `${stem}.keyframes.${keyframeForm}`,
    audioTrack: `${stem}.audio.wav`,
  };
}

export async function makeVideo(video: Video): Promise<GeneratedFile[]> {
  const paths = videoPaths(video);
  const { mp4, keyframes } = await writeScreencast(video);
  const read =
    video.keyframeForm === 'jsonl'
      ? keyframes.map((keyframe) => `${JSON.stringify(keyframe)}\n`).join('')
      : `${keyframes.map(({ text }) => text).join('\n\n')}\n`;
  const files = [
    { path: paths.video, bytes: mp4 },
    transcriptFile(paths.transcript, video.utterances),
    textFile(paths.keyframes, read),
  ];
  if (!video.audioTrack) return files;
  const sound = { utterances: video.utterances, seconds: screencastSeconds(video), noise: 0.01 };
  const random = seededRandom(`sound of ${video.stem}`);
  return [...files, { path: paths.audioTrack, bytes: writeWave({ ...sound, sampleRate: 8000, random }) }];
}
