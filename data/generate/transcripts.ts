import { type GeneratedFile, textFile } from './generated-file.ts';

/** One utterance. Seconds from the start of the medium, in order, within its length. */
export interface Utterance {
  readonly start_sec: number;
  readonly end_sec: number;
  readonly speaker: string;
  readonly text: string;
}

/** One JSON object a line. */
export function transcriptFile(path: string, utterances: readonly Utterance[]): GeneratedFile {
  return textFile(path, utterances.map((utterance) => `${JSON.stringify(utterance)}\n`).join(''));
}
