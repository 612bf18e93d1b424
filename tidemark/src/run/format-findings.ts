import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import type { Finding } from '../evidence/asset-result.ts';
import type { Opened } from '../refine/formats/open-records.ts';

type Unread = Exclude<Opened, { kind: 'readable' }>;

const CODES: Readonly<Record<Unread['rule'], ErrorCode>> = {
  format_contradicted: ERROR_CODES.format_contradicted,
  stream_truncated: ERROR_CODES.stream_damaged,
  stream_corrupt: ERROR_CODES.stream_damaged,
  decoded_too_large: ERROR_CODES.decoded_beyond_limit,
  decoded_ratio_too_high: ERROR_CODES.decoded_beyond_limit,
  archive_refused: ERROR_CODES.archive_refused,
  archive_member: ERROR_CODES.archive_member_unclear,
  parquet_column: ERROR_CODES.column_unreadable,
  csv_header: ERROR_CODES.header_refused,
};

/** Why a source of records was refused before its first record, in the words that findings are told in. */
export function formatFinding(declaredPath: string, unread: Unread): Finding {
  const { expected, received } = unread;
  const { rule } = unread;
  const code = CODES[rule];
  return {
    rule,
    message: `${code} ${declaredPath}: expected ${expected}, received ${received}.`,
    expected,
    received,
  };
}

/** Whether another declaration of the source's form may mend it. */
export function isFormatFinding({ rule }: Finding): boolean {
  return Object.hasOwn(CODES, rule);
}

export function nextOfFormat(
  { rule }: Finding,
  { sourceId, declaredPath }: { sourceId: string; declaredPath: string },
): string {
  const code = CODES[rule as Unread['rule']];
  if (code === ERROR_CODES.stream_damaged) return `Deliver ${declaredPath} whole, then run again.`;
  if (code === ERROR_CODES.decoded_beyond_limit)
    return `See what ${declaredPath} holds; if it is what it should be, raise the limit under limits in tidemark.yaml, then run again.`;
  if (code === ERROR_CODES.column_unreadable)
    return `Have ${declaredPath} written without that, or declare how it comes in: format of ${sourceId} in the manifest, or under manifest_settings in tidemark.yaml; then run again.`;
  if (code === ERROR_CODES.archive_refused)
    return `Deliver ${declaredPath} without that, or raise limits.archiveMembersMax in tidemark.yaml where it says so; then run again.`;
  if (code === ERROR_CODES.archive_member_unclear)
    return `Declare member, a name or a pattern, in format of ${sourceId} in the manifest, or under manifest_settings in tidemark.yaml, and of tables of text or arrays a source for each member; then run again.`;
  return `Deliver ${declaredPath} in the form that its name says, or declare how its records are written: formats of ${sourceId} under manifest_settings in tidemark.yaml; then run again.`;
}
