import type { GeneratedFile } from './generated-file.ts';
import { seededRandom } from './prng.ts';
import { transcriptFile, type Utterance } from './transcripts.ts';
import { writeWave } from './wave.ts';

export const CALLS_BATCH = 'batch-calls-2026w12';
export const CALL_FOLDER = 'data/seeds/calls';

export interface Call {
  readonly callId: string;
  readonly sampleRate: 8000 | 16_000;
  readonly seconds: number;
  readonly language: string;
  readonly noise: number;
  readonly notes: string;
  readonly utterances: readonly Utterance[];
}

export const CALLS: readonly Call[] = [
  {
    callId: 'CALL-20260318-00000042',
    sampleRate: 8000,
    seconds: 6.5,
    language: 'en',
    noise: 0.02,
    notes: 'Opening of a call about a sign-in loop; the caller gave no personal data in this part.',
    utterances: [
      { start_sec: 0.4, end_sec: 2.6, speaker: 'agent', text: 'Northstar support, how can I help you?' },
      {
        start_sec: 2.9,
        end_sec: 6.2,
        speaker: 'customer',
        text: 'Since this morning everyone is sent back to sign-in.',
      },
    ],
  },
  {
    callId: 'CALL-20260319-00000057',
    sampleRate: 8000,
    seconds: 7.25,
    language: 'de',
    noise: 0.05,
    notes: 'Rückfrage zu einem Gateway im Werk; der Name der Anruferin wurde durch Stille ersetzt.',
    utterances: [
      { start_sec: 0.3, end_sec: 1.9, speaker: 'agent', text: 'Guten Tag, Northstar Support.' },
      {
        start_sec: 2.2,
        end_sec: 5.1,
        speaker: 'customer',
        text: 'Das Gateway blinkt gelb, obwohl die Leitung läuft.',
      },
      { start_sec: 5.4, end_sec: 7.25, speaker: 'agent', text: 'Dann fehlt noch die Anmeldung.' },
    ],
  },
  {
    callId: 'CALL-20260320-00000003',
    sampleRate: 16_000,
    seconds: 4.25,
    language: 'en',
    noise: 0.01,
    notes: 'Recorded by the new wide-band exchange (16 kHz).',
    utterances: [
      { start_sec: 0.25, end_sec: 2, speaker: 'customer', text: 'The export queue is empty again.' },
      { start_sec: 2.2, end_sec: 4, speaker: 'agent', text: 'Good, I will close the ticket then.' },
    ],
  },
];

export function callPaths(callId: string): { audio: string; transcript: string } {
  const stem = `${CALL_FOLDER}/${callId.toLowerCase()}`;
  return { audio: `${stem}.wav`, transcript: `${stem}.transcript.jsonl` };
}

export function makeCalls(): GeneratedFile[] {
  return CALLS.flatMap((call) => {
    const { audio, transcript } = callPaths(call.callId);
    const bytes = writeWave({ ...call, random: seededRandom(`call ${call.callId}`) });
    return [{ path: audio, bytes }, transcriptFile(transcript, call.utterances)];
  });
}
