import { hash } from 'node:crypto';
import type { SourceManifest } from '../../manifest/source-manifest.ts';

/** The contract property that names the asset of each table, and the id made for a declared one that does not fit it. */
export const ASSET_IDS: ReadonlyMap<
  string,
  { readonly property: string; derive(sourceId: string, manifest: SourceManifest): string }
> = new Map([
  [
    'doc_asset',
    { property: 'source_id', derive: (id, manifest) => `doc:${namespaceOf(manifest)}:${hexOf(id, 12)}` },
  ],
  [
    'audio_asset',
    { property: 'call_id', derive: (id, manifest) => `CALL-${dateDigitsOf(manifest)}-${digitsOf(id, 8)}` },
  ],
  [
    'video_asset',
    { property: 'video_id', derive: (id, manifest) => `VID-${namespaceOf(manifest)}-${hexOf(id, 12)}` },
  ],
]);

/** First digits of the SHA-256 of the declared id's UTF-8, so that anyone can find the one from the other. */
function hexOf(sourceId: string, digits: number): string {
  return hash('sha256', sourceId).slice(0, digits);
}

/**
 * Decimal digits of the same hash: its first 64 bits modulo 10^digits. Eight digits are few (one collision is likely
 * among ten thousand calls of one day), so the id is a label; the declared id stays the anchor and the key.
 */
function digitsOf(sourceId: string, digits: number): string {
  const number = BigInt(`0x${hexOf(sourceId, 16)}`) % 10n ** BigInt(digits);
  return number.toString().padStart(digits, '0');
}

/** The product line where one is named, else the source type, as lower-case words joined by underscores. */
function namespaceOf({ product_line, source_type }: SourceManifest): string {
  const named = product_line !== undefined && product_line !== 'unknown' ? product_line : source_type;
  return (
    named
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '') || 'unknown'
  );
}

/** The eight digits in the manifest's id, which are its day; else the day of `created_at`; never today's. */
function dateDigitsOf({ manifest_id, created_at }: SourceManifest): string {
  const digits = /-(\d{8})-\d{3}$/.exec(manifest_id)?.[1] ?? created_at.replaceAll(/\D/g, '').slice(0, 8);
  return digits.padEnd(8, '0');
}
