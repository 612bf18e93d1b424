import { plainText } from '../manifest/show-value.ts';
import { ASSET_OUTCOMES, RECORD_OUTCOMES } from '../model/tally.ts';
import { type AssetResult, BY_POLICY } from './asset-result.ts';
import type { RunReport } from './run-report.ts';

/** The report of one run for people, as Markdown. Pure: the same report gives the same text. */
export function renderReport(report: RunReport): string {
  return [
    `# Run ${report.runId}`,
    '',
    ...table(
      ['', ''],
      [
        ['state', `**${report.state}**`],
        ['manifest', `\`${report.manifestId}\` (${report.manifestPath}, SHA-256 \`${report.manifestHash}\`)`],
        ['batch', `\`${report.batchId}\``],
        ['load mode', `${report.loadMode}; ${report.window}`],
        ['source fingerprint', `\`${report.sourceFingerprint}\``],
        ['trace', `\`${report.traceId}\``],
        ['retry of', report.retryOf === null ? '–' : `\`${report.retryOf}\``],
        ['started, ended', `${report.startedAt}, ${report.endedAt}`],
      ],
    ),
    ...(report.failure === null
      ? []
      : [
          `> **${report.failure.code}** ${report.failure.message}`,
          '>',
          `> Next: ${report.failure.next}`,
          '',
        ]),
    '## Account',
    '',
    accountLine(
      'Assets',
      report.assetTally.declared,
      ASSET_OUTCOMES.map((name) => [name, report.assetTally[name]]),
    ),
    '',
    accountLine(
      'Records',
      report.recordTally.read,
      RECORD_OUTCOMES.map((name) => [name, report.recordTally[name]]),
    ),
    '',
    `Blank lines, counted apart: ${report.recordTally.blank}.`,
    '',
    '## Assets',
    '',
    ...table(['source', 'outcome', 'judgement', 'records', 'SHA-256', 'why'], report.assets.map(assetRow)),
    ...attemptsPart(report),
    '## Tables',
    '',
    ...table(
      ['table', 'added', 'total', 'snapshot'],
      report.tables.map((entry) => [
        `bronze.${entry.table}`,
        String(entry.addedRecords),
        String(entry.totalRecords),
        `${entry.snapshotId ?? '–'}${entry.moved ? '' : ' (not moved)'}`,
      ]),
    ),
    ...currentPart(report),
    '## Digests',
    '',
    ...table(
      ['outcome', 'count:sum'],
      Object.entries(report.digests).map(([name, digest]) => [name, `\`${digest}\``]),
    ),
    ...reconciliationPart(report),
  ]
    .flatMap((lines) => lines.split('\n'))
    .map(plainText)
    .join('\n');
}

function currentPart({ current = [] }: RunReport): string[] {
  if (current.length === 0) return [];
  const rows = current.map(({ table: name, totalRecords, supersededRecords, deletedKeys, snapshotId }) => [
    name,
    String(totalRecords),
    String(deletedKeys ?? '–'),
    String(supersededRecords),
    snapshotId,
  ]);
  const columns = ['table', 'keys', 'keys deleted', 'superseded rows', 'snapshot'];
  return ['## Newest versions', '', ...table(columns, rows)];
}

function attemptsPart({ attempts }: RunReport): string[] {
  if (attempts.length === 0) return [];
  const rows = attempts.map(({ sourceId, role, attempt, reason, waitedMs }) => [
    sourceId,
    role,
    String(attempt),
    reason,
    `${waitedMs} ms`,
  ]);
  return ['## Attempts that failed', '', ...table(['source', 'role', 'attempt', 'why', 'waited'], rows)];
}

function reconciliationPart({ reconciliation }: RunReport): string[] {
  if (reconciliation === null)
    return ['## Reconciliation', '', 'Nothing was committed, so there is nothing to read back.', ''];
  const { checks, coverage, verdict } = reconciliation;
  return [
    '## Reconciliation',
    '',
    `Verdict: **${verdict}**, ${checks.filter((check) => check.verdict === 'pass').length} of ${checks.length} checks passed.`,
    '',
    ...table(
      ['check', 'subject', 'expected', 'received', 'verdict'],
      checks.map((check) => [check.name, check.subject, check.expected, check.received, check.verdict]),
    ),
    `Coverage: ${coverage.declared} declared, ${coverage.landed} landed, ${coverage.committed} in the tables.`,
    '',
    ...coverage.missing.map(({ sourceId, why }) => `- ${sourceId}: ${why}`),
    '',
  ];
}

function assetRow(asset: AssetResult): string[] {
  const why = [
    ...asset.findings.map((finding) => `${finding.rule}: ${finding.message}`),
    ...asset.reasons.map((reason) => `${reason.rule}: ${reason.message}`),
    ...(asset.note === null ? [] : [asset.note]),
    ...(asset.late === undefined
      ? []
      : [
          `late: ${asset.late.within} within the lookback of ${asset.late.cursor}, ${asset.late.behind} behind it`,
        ]),
    ...withoutCursor(asset),
    ...(asset.gaps ?? []).map(
      ({ from, to, source, read }) => `gap from ${from} to ${to}: ${source} rows, ${read} read`,
    ),
    ...(asset.next === null ? [] : [`next: ${asset.next}`]),
  ];
  const records =
    asset.records === null ? '–' : `${asset.records.read} read, ${asset.records.accepted} accepted`;
  return [
    asset.sourceId,
    asset.outcome,
    asset.judgement,
    records,
    asset.sourceFingerprint === null ? '–' : `\`${asset.sourceFingerprint.slice(0, 12)}…\``,
    why.join('; ') || '–',
  ];
}

function withoutCursor({ withoutCursor: found }: AssetResult): string[] {
  return found === undefined
    ? []
    : [`${found.records} without ${found.field}, the cursor: ${BY_POLICY[found.policy]}`];
}

/** `120 read = 110 accepted + 4 duplicate + … ✓` */
function accountLine(name: string, whole: number, parts: readonly (readonly [string, number])[]): string {
  const sum = parts.reduce((total, [, count]) => total + count, 0);
  const terms = parts.map(([label, count]) => `${count} ${label.replaceAll('_', ' ')}`).join(' + ');
  return `${name}: ${whole} = ${terms}${sum === whole ? ' — closed.' : ` — **open by ${whole - sum}**.`}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ''];
}
