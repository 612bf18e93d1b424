import { CALL_METADATA_ACCOUNT } from './call-metadata.ts';
import { CALLS, callPaths } from './calls.ts';
import { type GeneratedFile, textFile } from './generated-file.ts';
import { HELP_ARTICLES } from './help-articles.ts';
import { helpArticlePath } from './help-center.ts';
import { LAMPS_DIAGRAM, PORTS_DIAGRAM } from './images.ts';
import { LAUNCH_VIDEO, RELEASE_NOTES_PATH, VOICE_NOTE } from './launch.ts';
import type { PlannedTickets } from './manifests.ts';
import { MANUALS } from './manual-texts.ts';
import { manualPath } from './manuals.ts';
import { accountForBatch, nothingAccepted, type TicketAccount } from './planned-account.ts';
import { screencastSeconds } from './screencast.ts';
import { VIDEOS, videoPaths } from './videos.ts';

export const EXPECTED_PATH = 'data/seeds/expected.json';

/** What is planned for every file, known from the plan alone: nothing here was read back from the files. */
export interface Expected {
  readonly about: string;
  readonly tickets_full: readonly TicketAccount[];
  readonly tickets_incremental_practice: readonly (TicketAccount & { readonly held: boolean })[];
  readonly call_metadata: typeof CALL_METADATA_ACCOUNT;
  readonly media: readonly object[];
}

/** Files of the practice manifest whose assets are judged quarantine. */
const HELD = new Set(['voice-desk', 'acquired-desk']);

export function expectedOutcomes({ snapshot, practice }: PlannedTickets): Expected {
  const accepted = nothingAccepted();
  return {
    about:
      'What must come of every sample file, by the plan that generated it. Batches in the order in which their manifests are read; a held file says what would come of it if it were admitted last.',
    tickets_full: accountForBatch(snapshot, accepted),
    tickets_incremental_practice: accountForBatch(practice, accepted).map((account) => ({
      ...account,
      held: HELD.has(account.source_id),
    })),
    call_metadata: CALL_METADATA_ACCOUNT,
    media: media(),
  };
}

/** Counts stand on one line a file, so that a change of the plan is readable in a diff. */
export function makeExpected(expected: Expected): GeneratedFile {
  const text = JSON.stringify(expected, null, 2)
    // Arrays and objects that hold no other, or one level of them, go on one line.
    .replace(/\{[^{}[\]]*\}/g, onOneLine)
    .replace(/\[[^[\]{}]*\]/g, onOneLine)
    .replace(/\{[^{}[\]]*(?:\{[^{}]*\}|\[[^[\]]*\])[^{}[\]]*\}/g, onOneLine);
  return textFile(EXPECTED_PATH, `${text}\n`);
}

function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

function media(): object[] {
  const diagram = { media_type: 'image/png', width: 440, height: 232 };
  const video = (seconds: number) => ({
    media_type: 'video/mp4',
    duration_sec: seconds,
    width: 160,
    height: 120,
  });
  const wave = { media_type: 'audio/wav', channels: 1 };
  return [
    ...HELP_ARTICLES.map(({ slug }) => ({ path: helpArticlePath(slug), media_type: 'text/html' })),
    ...MANUALS.map((manual) => ({
      path: manualPath(manual.slug),
      media_type: 'application/pdf',
      page_count: manual.pages.length + 1,
    })),
    { path: PORTS_DIAGRAM.imagePath, ...diagram },
    { path: RELEASE_NOTES_PATH, media_type: 'text/markdown' },
    { path: LAMPS_DIAGRAM.imagePath, ...diagram },
    ...CALLS.map(({ callId, seconds, sampleRate }) => ({
      path: callPaths(callId).audio,
      ...wave,
      duration_sec: seconds,
      sample_rate: sampleRate,
    })),
    { path: VOICE_NOTE.audio, ...wave, duration_sec: VOICE_NOTE.seconds, sample_rate: 8000 },
    ...[...VIDEOS, LAUNCH_VIDEO].map((cast) => ({
      path: videoPaths(cast).video,
      ...video(screencastSeconds(cast)),
    })),
  ];
}
