import type { PiiScanStatus } from '../../manifest/source-manifest.ts';

/** Judgements with which an asset goes in; `quarantine` and `reject` never come to a row. */
export type AdmittingJudgement = 'accept' | 'warn';

export const QUALITY_GATE: Readonly<Record<AdmittingJudgement, 'pass' | 'warn'>> = {
  accept: 'pass',
  warn: 'warn',
};

/** Fails closed: what was not shown to be clear or redacted is taken to hold personal data. */
const PII_LEVEL: Readonly<Record<PiiScanStatus, 'none' | 'low' | 'high'>> = {
  clear: 'none',
  not_applicable: 'none',
  redacted: 'low',
  suspected: 'high',
  not_run: 'high',
  unknown: 'high',
};

export function piiLevelOf(scan: PiiScanStatus | null | undefined): 'none' | 'low' | 'high' {
  return PII_LEVEL[scan ?? 'unknown'];
}

const AUDIO_TYPE: ReadonlyMap<string, string> = new Map([
  ['call_recording', 'real_call'],
  ['tts_synthetic', 'tts_synthetic'],
]);

export function audioTypeOf(sourceType: string): string {
  return AUDIO_TYPE.get(sourceType) ?? 'other';
}

const VIDEO_TYPE: ReadonlyMap<string, string> = new Map([
  ['tutorial_video', 'tutorial'],
  ['screencast', 'screencast'],
]);

export function videoTypeOf(sourceType: string): string {
  return VIDEO_TYPE.get(sourceType) ?? 'other';
}
