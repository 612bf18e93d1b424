import { findRun } from '../../catalog/runs.ts';
import { QUARANTINED_RULE } from '../../model/tally.ts';
import type { Archive } from '../archive.ts';
import type { PayloadReader } from '../payload.ts';
import { decodingOfUnit } from '../placed-bytes.ts';
import { type RejectRow, showPayload } from '../rejects.ts';
import { rerunCommand } from '../rerun-command.ts';
import { facts, related, type Story } from './story.ts';

/** Of a payload that is shown here; `rejects` shows all of it. */
const PREVIEW_CHARS = 2_000;

/** A record that broke its contract: every violation, its bytes, and what to do. */
export async function rejectionStory(
  { catalog }: Archive,
  { reject, payloads }: { reject: RejectRow; payloads: PayloadReader },
): Promise<Story> {
  const payload = await showPayload(payloads, reject);
  const run = await findRun(catalog, reject.runId);
  const again =
    run === null ? null : await rerunCommand(catalog, { ...reject, manifestHash: run.manifestHash });
  const where = reject.line === null ? reject.sourceId : `line ${reject.line} of ${reject.sourceId}`;
  const keptApart = reject.violations.some(({ rule }) => rule === QUARANTINED_RULE);
  return {
    kind: 'rejection',
    title: `${keptApart ? 'quarantined' : 'rejected'}: ${where} is not in bronze.${reject.table}`,
    facts: [
      ...reject.violations.map((violation) => ({
        label: violation.rule,
        value: `at ${violation.pointer || 'the record'}: expected ${violation.expected}, received ${violation.received}`,
      })),
      ...facts({
        contract: reject.contractRef,
        place:
          reject.offset === null
            ? null
            : `byte ${reject.offset}, ${reject.length} bytes, of ${reject.payloadRef}${await decodedBy(catalog, reject)}`,
        fingerprint: reject.fingerprint,
        payload: payload.kind === 'read' ? preview(payload.text) : `unavailable: ${payload.reason}`,
      }),
    ],
    related: related({
      source: reject.sourceId,
      manifest: reject.manifestId,
      batch: reject.batchId,
      run: reject.runId,
      trace: reject.traceId,
      content: reject.sourceFingerprint,
      unit: reject.unitKey,
      contract: reject.contractHash,
    }),
    next:
      again === null
        ? null
        : `${keptApart ? ADMIT : ''}Mend ${where}, deliver the source again, then: ${again}`,
  };
}

/** Its record is as it should be but for its place in the order, which a setting may do without. */
const ADMIT = 'Say null_cursor: include in manifest_settings of tidemark.yaml, then: tidemark run. Or: ';

function preview(text: string): string {
  return text.length <= PREVIEW_CHARS ? text : `${text.slice(0, PREVIEW_CHARS)}… (${text.length} characters)`;
}

/** What the place counts in, where that is not the object itself. */
async function decodedBy(catalog: Archive['catalog'], { unitKey }: RejectRow): Promise<string> {
  const { compression, member, encoding } = await decodingOfUnit(catalog, unitKey);
  const compressed =
    compression === null ? '' : `, decompressed (${compression}${member === undefined ? '' : ` ${member}`})`;
  return encoding === 'utf-8' ? compressed : `${compressed}, in UTF-8 (from ${encoding})`;
}
