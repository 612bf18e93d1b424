import type { Random } from './prng.ts';
import type { Utterance } from './transcripts.ts';

export interface Recording {
  readonly sampleRate: 8000 | 16_000;
  readonly seconds: number;
  readonly utterances: readonly Utterance[];
  /** Peak of the noise behind the voices, 0 to 1. */
  readonly noise: number;
  readonly random: Random;
}

/** Pitch of the voices in the order in which they first speak, in hertz. */
const PITCHES = [118, 196, 147];
const SYLLABLES_PER_SECOND = 4;

/** A mono WAV of 16-bit PCM in which humming voices speak when the transcript says so: no words, but true timing. */
export function writeWave(recording: Recording): Uint8Array {
  const { sampleRate, seconds, random } = recording;
  const samples = Math.round(sampleRate * seconds);
  const data = Buffer.alloc(samples * 2);
  const speakers = [...new Set(recording.utterances.map(({ speaker }) => speaker))];
  const spoken = recording.utterances.map((utterance) => ({
    ...utterance,
    pitch: PITCHES[speakers.indexOf(utterance.speaker) % PITCHES.length] ?? 118,
    vowels: Array.from({ length: 64 }, () => random.integer(1, 4)),
  }));
  for (let index = 0; index < samples; index += 1) {
    const time = index / sampleRate;
    const utterance = spoken.find(({ start_sec, end_sec }) => time >= start_sec && time < end_sec);
    const voice = utterance === undefined ? 0 : hum(utterance, time - utterance.start_sec);
    const noise = (random.fraction() * 2 - 1) * recording.noise;
    data.writeInt16LE(Math.round((0.7 * voice + noise) * 0x7fff * 0.8), index * 2);
  }
  return Buffer.concat([riffHeader({ sampleRate, dataBytes: data.length }), data]);
}

/** A fundamental and the harmonics that the vowel of this syllable favours, swelling once a syllable; −1 to 1. */
function hum(voice: { pitch: number; vowels: readonly number[] }, time: number): number {
  const beat = time * SYLLABLES_PER_SECOND;
  const vowel = voice.vowels[Math.floor(beat) % voice.vowels.length] ?? 1;
  const swell = sine((beat % 1) / 2);
  const turns = time * voice.pitch;
  return swell * (0.5 * sine(turns) + 0.3 * sine(turns * (vowel + 1)) + 0.2 * sine(turns * (2 * vowel + 3)));
}

/**
 * Sine of a number of turns, by arithmetic alone: Math.sin may differ in its last digit between platforms, and the
 * samples have to be the same everywhere. Good to about 1e-4.
 */
function sine(turns: number): number {
  const part = turns - Math.floor(turns);
  const folded = part < 0.25 ? part : part < 0.75 ? 0.5 - part : part - 1;
  const x = folded * 6.283185307179586;
  const square = x * x;
  return x * (1 - (square / 6) * (1 - (square / 20) * (1 - square / 42)));
}

function riffHeader({ sampleRate, dataBytes }: { sampleRate: number; dataBytes: number }): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
