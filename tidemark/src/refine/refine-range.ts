import type { Contract } from '../contract/contract.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { compileCanonicalRecord } from './canonical-record.ts';
import { compileLineProver } from './compiled/prove-line.ts';
import { type DecodeRules, decodeLine, type LinePlace } from './decode-line.ts';
import { compileRecordJudge, type RecordRules, type Verdict } from './judge-record.ts';
import type { LineRange } from './line-ranges.ts';
import { readLines } from './read-lines.ts';
import { type AccountState, RecordAccount } from './record-account.ts';
import { readWindow } from './record-window.ts';
import type { RecordWindow, RefineInput, UnitFiles } from './refined.ts';
import type { LineBatch, ReadLine } from './split-lines.ts';
import { UnitScratch } from './unit-scratch.ts';

export interface RefinedRange {
  readonly files: UnitFiles;
  readonly account: AccountState;
}

/** Refines the lines of one stretch of an object, or of all of it (null), into scratch files of its own. */
export async function refineRange(
  input: RefineInput & { readonly range: LineRange | null },
): Promise<RefinedRange> {
  const { contract, limits, window } = input;
  const rules = { contract, limits, readCursor: cursorReader(window, contract), encoding: input.encoding };
  const prover =
    input.lane === 'explaining' ? null : compileLineProver({ ...rules, windowField: window?.field ?? null });
  const explain = compileExplaining(rules);
  const account = new RecordAccount();
  await using scratch = new UnitScratch({ dir: input.scratchDir, limits });

  for await (const batch of readLines(input)) {
    account.countBlank(batch.blank);
    prover?.begin(batch);
    for (const line of batch.lines) {
      const proven = line.kind === 'held' ? (prover?.prove(line) ?? null) : null;
      const { place, verdict } = proven ?? explain(batch, line);
      account.countRead(place.fingerprint);
      account.countOutcome(place.fingerprint, verdict);
      const written = scratch.add(place, verdict);
      if (written !== undefined) await written;
    }
    input.onProgress?.(batch.position, account.records);
  }
  return { files: await scratch.finish(), account: account.state() };
}

/** The lane that can say why: it parses a line into values and has the contract's judge look at them. */
function compileExplaining({
  contract,
  limits,
  readCursor,
  encoding,
}: RecordRules & Pick<DecodeRules, 'limits' | 'encoding'>) {
  const judge = compileRecordJudge({ contract, readCursor });
  const canonical = compileCanonicalRecord(contract);
  return (batch: Pick<LineBatch, 'bytes'>, line: ReadLine): { place: LinePlace; verdict: Verdict } => {
    const decoded = decodeLine(batch, line, { limits, canonical, encoding });
    const verdict: Verdict =
      decoded.kind === 'record'
        ? judge(decoded.value, decoded.plain)
        : { kind: 'rejected', violations: [decoded.violation], cursor: null };
    return { place: decoded.place, verdict };
  };
}

/** @throws ConfigurationError for a window that does not fit the contract */
export function cursorReader(window: RecordWindow | null, contract: Contract): RecordRules['readCursor'] {
  if (window === null) return null;
  const reading = readWindow(window, contract);
  if (reading.kind === 'window') return reading.readCursor;
  throw new ConfigurationError({
    code: ERROR_CODES.window_refused,
    message: reading.message,
    next: 'Mend selection_window in the manifest, then run: tidemark check',
    facts: { ...window, contractRef: contract.ref },
  });
}
