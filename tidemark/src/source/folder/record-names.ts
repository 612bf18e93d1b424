import type { FORMATS } from '../../model/declared-format.ts';

export type FormatName = (typeof FORMATS)[number];

const COMPRESSED = '(\\.(gz|zst|bz2|zip))?$';
const NAMES: Readonly<Record<FormatName, RegExp>> = {
  jsonl: new RegExp(`\\.jsonl${COMPRESSED}`),
  json: new RegExp(`\\.json${COMPRESSED}`),
  parquet: /\.parquet$/,
  csv: new RegExp(`\\.csv${COMPRESSED}`),
  tsv: new RegExp(`\\.(tsv|tab)${COMPRESSED}`),
};

/** Whether a file of a folder is a part of the source, by its name alone: records of its format, compressed or not. */
export function isRecordName(name: string, format: FormatName): boolean {
  return NAMES[format].test(name);
}
