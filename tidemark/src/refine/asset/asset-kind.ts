import type { AssetType } from '../../manifest/source-manifest.ts';
import { ASSET_TABLES } from '../../model/table-names.ts';

/**
 * Whether an asset is many records, one a line, or one Bronze row by itself. In the tables of assets only one of type
 * `jsonl` is, such as a file of call metadata under the audio contract; what has no table is told by its type.
 */
export function isRecordAsset({
  contractTable,
  assetType,
}: {
  contractTable: string;
  assetType: AssetType;
}): boolean {
  return assetType === 'jsonl' || (contractTable !== '' && !ASSET_TABLES.has(contractTable));
}
