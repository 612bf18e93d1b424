import type { AssetType } from '../../manifest/source-manifest.ts';
import { ASSET_TABLES } from '../../model/table-names.ts';

const RECORD_TYPES: ReadonlySet<AssetType> = new Set(['jsonl', 'json', 'csv', 'tsv', 'parquet']);

/**
 * Whether an asset is many records, one a line, or one Bronze row by itself. In the tables of assets only one
 * whose type says so is, such as a file of call metadata under the audio contract; what has no table is told by its type.
 */
export function isRecordAsset({
  contractTable,
  assetType,
}: {
  contractTable: string;
  assetType: AssetType;
}): boolean {
  return RECORD_TYPES.has(assetType) || (contractTable !== '' && !ASSET_TABLES.has(contractTable));
}
