import { type GeneratedFile, textFile, twelveHex } from './generated-file.ts';
import { LAMPS_DIAGRAM, makeDiagram } from './images.ts';
import { seededRandom } from './prng.ts';
import { transcriptFile, type Utterance } from './transcripts.ts';
import { makeVideo, type Video } from './videos.ts';
import { writeWave } from './wave.ts';

export const LAUNCH_FOLDER = 'data/seeds/launch';

export function launchDocumentId(slug: string): string {
  return `doc:edge_gateway_launch:${twelveHex(`launch/${slug}`)}`;
}

export const RELEASE_NOTES_PATH = `${LAUNCH_FOLDER}/edge-gateway-3.2-release-notes.md`;

const RELEASE_NOTES = `# Edge Gateway 3.2

Released on 16 February 2026.

## New
- The line test on the local dashboard names the port that is blocked (NEG-2107).
- Measurements are buffered for 72 hours instead of 24 while the gateway is offline.
- A second WAN may be a mobile modem; the switch takes less than ten seconds.

## Changed
- Enrolment codes are valid once. A code that was used before answers with NEG-2110.

## Mended
- The Modbus bridge no longer repeats the last value after a restart.
`;

/** A product manager's remark, recorded on a telephone: no call number, so one has to be derived. */
export const VOICE_NOTE = {
  audio: `${LAUNCH_FOLDER}/launch-remark.wav`,
  transcript: `${LAUNCH_FOLDER}/launch-remark.transcript.jsonl`,
  seconds: 3.5,
  utterances: [
    {
      start_sec: 0.3,
      end_sec: 3.3,
      speaker: 'product manager',
      text: 'Please show the seventy-two hours first.',
    },
  ] satisfies readonly Utterance[],
};

export const LAUNCH_VIDEO: Video = {
  stem: `${LAUNCH_FOLDER}/edge-gateway-line-test`,
  title: 'EDGE GATEWAY: LINE TEST',
  madeAt: '2026-02-13T10:00:00Z',
  audioTrack: false,
  keyframeForm: 'jsonl',
  scenes: [
    { seconds: 1.5, lines: ['LOCAL DASHBOARD', 'LINE > TEST LINE'] },
    { seconds: 1.5, lines: ['PORT 443: BLOCKED', 'CODE: NEG-2107'] },
  ],
  utterances: [
    { start_sec: 0.2, end_sec: 1.4, speaker: 'narrator', text: 'Start the line test.' },
    { start_sec: 1.6, end_sec: 2.9, speaker: 'narrator', text: 'It names the blocked port.' },
  ],
  notes: 'Shown at the launch; recorded from the local dashboard of a test gateway.',
};

export async function makeLaunch(): Promise<GeneratedFile[]> {
  const random = seededRandom('launch remark');
  return [
    textFile(RELEASE_NOTES_PATH, RELEASE_NOTES),
    ...makeDiagram(LAMPS_DIAGRAM),
    { path: VOICE_NOTE.audio, bytes: writeWave({ ...VOICE_NOTE, sampleRate: 8000, noise: 0.03, random }) },
    transcriptFile(VOICE_NOTE.transcript, VOICE_NOTE.utterances),
    ...(await makeVideo(LAUNCH_VIDEO)),
  ];
}
