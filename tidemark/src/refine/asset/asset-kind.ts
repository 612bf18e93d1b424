import type { AssetType } from '../../manifest/source-manifest.ts';

/**
 * Whether an asset is many records, one a line, or one Bronze row by itself. Tickets are always records; in any other
 * table an asset of type `jsonl` is, such as a file of call metadata under the audio contract.
 */
export function isRecordAsset({
  contractTable,
  assetType,
}: {
  contractTable: string;
  assetType: AssetType;
}): boolean {
  return contractTable === 'ticket' || assetType === 'jsonl';
}
