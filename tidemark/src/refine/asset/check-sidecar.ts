import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { checkAudioTrack } from './check-audio-track.ts';
import { checkOcrText } from './check-ocr-text.ts';
import { checkTranscript } from './check-transcript.ts';
import type { Mismatch } from './mismatch.ts';
import type { SidecarCheck } from './sidecar.ts';

/**
 * What is wrong with one landed sidecar; empty for none. Lines are streamed, and the list is bounded.
 * @throws the signal's reason when cancelled, and what observing an audio track throws.
 */
export async function checkSidecar(check: SidecarCheck): Promise<readonly Mismatch[]> {
  const { role, declaredPath, sizeBytes } = check.sidecar;
  switch (role) {
    case 'audio_track':
      return checkAudioTrack(check);
    case 'transcript':
      return tooLarge(check) ?? (await checkTranscript(check));
    case 'ocr_text':
    case 'keyframe_ocr':
      return tooLarge(check) ?? (await checkOcrText(check));
    default:
      throw new InvariantError({
        code: ERROR_CODES.invariant,
        message: `No check is known for the sidecar ${declaredPath} in the role ${role}.`,
        next: 'This is a fault of the engine: keep the message and report it.',
        facts: { role, sizeBytes },
      });
  }
}

/** Sound is read by ranges and may have any size; text has a limit. */
function tooLarge({ sidecar, limits }: SidecarCheck): readonly Mismatch[] | null {
  const { declaredPath, sizeBytes } = sidecar;
  if (sizeBytes <= limits.sidecarBytesMax) return null;
  const expected = `at most ${limits.sidecarBytesMax} bytes`;
  return [{ rule: 'sidecar_too_large', subject: declaredPath, expected, received: `${sizeBytes} bytes` }];
}
