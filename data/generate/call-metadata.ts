import { CALL_FOLDER, CALLS_BATCH } from './calls.ts';
import { type GeneratedFile, textFile } from './generated-file.ts';
import { epoch, writeTime } from './instants.ts';
import type { PlantedRule } from './planned-lines.ts';
import { type Random, seededRandom } from './prng.ts';
import { PRODUCTS } from './world.ts';

export const CALL_METADATA_PATH = `${CALL_FOLDER}/call-metadata.jsonl`;
export const CALL_METADATA_SOURCE = 'call-register';
const FIRST_DAY = epoch('2026-03-16T08:00:00Z');

/** Records of the audio contract for calls whose sound stays with the telephone provider, some of them broken. */
const BREACHES: ReadonlyMap<number, { change: object; rules: readonly PlantedRule[] }> = new Map([
  [9, { change: { asr_confidence: 93 }, rules: [{ rule: 'maximum', pointer: '/asr_confidence' }] }],
  [17, { change: { duration_sec: -1 }, rules: [{ rule: 'minimum', pointer: '/duration_sec' }] }],
  [26, { change: { noise_level: 'loud' }, rules: [{ rule: 'enum', pointer: '/noise_level' }] }],
]);
const CALLS = 40;

export function makeCallMetadata(): GeneratedFile {
  const random = seededRandom('call metadata');
  const lines = Array.from({ length: CALLS }, (_, index) => {
    const record = { ...tellCall(random, index), ...BREACHES.get(index + 1)?.change };
    // The register is written by a program that gives every length a decimal point: 184.0 and 184 are one number.
    return JSON.stringify(record).replace(/"duration_sec":(-?\d+),/, '"duration_sec":$1.0,');
  });
  return textFile(CALL_METADATA_PATH, `${lines.join('\n')}\n`);
}

export const CALL_METADATA_ACCOUNT = {
  path: CALL_METADATA_PATH,
  source_id: CALL_METADATA_SOURCE,
  lines: CALLS,
  blank: 0,
  read: CALLS,
  accepted: CALLS - BREACHES.size,
  malformed: 0,
  invalid: BREACHES.size,
  rejected_lines: [...BREACHES].map(([line, { rules }]) => ({ line, rules })),
};

function tellCall(random: Random, index: number) {
  const at = FIRST_DAY + index * 9000 + random.integer(0, 3600);
  const day = writeTime(at, 'seconds_utc').slice(0, 10);
  const callId = `CALL-${day.replaceAll('-', '')}-${String(4000 + index).padStart(8, '0')}`;
  const byHand = random.chance(0.15);
  return {
    call_id: callId,
    schema_version: 'audio_asset_v1',
    source_id: `telephony:${callId.toLowerCase()}`,
    ingest_batch_id: CALLS_BATCH,
    audio_type: random.pick(['real_call', 'real_call', 'real_call', 'voicenote']),
    duration_sec: random.chance(0.4) ? random.integer(20, 900) : random.integer(2000, 90_000) / 100,
    raw_object_path: `telephony/2026/03/${callId.toLowerCase()}.wav`,
    language: random.pick(['en', 'en', 'en', 'de', 'ja']),
    speaker_count: random.pick([1, 2, 2, 2, 3]),
    diarization_available: random.chance(0.8),
    ...(byHand ? {} : { asr_model: 'whisper-small' }),
    asr_confidence: byHand ? null : random.integer(60, 99) / 100,
    noise_level: random.pick(['clean', 'light', 'light', 'moderate', 'heavy', 'unknown']),
    product_line: random.pick(PRODUCTS).line,
    license_tag: 'course_synthetic',
    pii_level: 'low',
    pii_redacted: true,
    quality_gate: 'pass',
    owner: 'voice-team',
    ingest_ts: writeTime(at + 7200, 'seconds_utc'),
  };
}
