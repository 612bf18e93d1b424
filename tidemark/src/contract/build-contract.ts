import { createHash } from 'node:crypto';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import { type ExactObject, toPlainJson } from '../model/exact-number.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { columnsOf } from './columns.ts';
import type { ContractColumn, ContractTraits } from './contract.ts';
import type { ContractReading, UnavailableContract } from './contract-reading.ts';
import { compileJudge, faultsOfSchema, type Judge } from './judge.ts';
import { findJudgeGap } from './judge-gap.ts';
import { DRAFT_2020_12, normaliseSchema } from './normalise-schema.ts';
import { propertiesOf } from './schema-document.ts';
import { shortenText } from './shorten-value.ts';
import { traitsOf } from './traits.ts';

/** Faults of a schema that its reason lists; the first ones usually cause the others. */
const FAULTS_TOLD_MAX = 3;

const REASON_MAX = 1000;

export interface ContractSource {
  readonly ref: string;
  readonly path: string;
  /** With nothing rounded: its bounds decide columns, its canonical text is the contract's identity. */
  readonly document: ExactObject;
  readonly limits: Limits;
  /**
   * Hashes of contracts that records were judged by before. Such a one is not held against the meta-schema again, and its
   * judge is compiled for the first record, not at once: 20 ms each for a command that only tells or finds nothing to do.
   */
  readonly judged?: ReadonlySet<string>;
}

/** Makes a contract of a document whose `$id` is `ref`, or says why it is none that can be used. */
export function buildContract(source: ContractSource): ContractReading {
  const { ref, path } = source;
  const unavailable = (fault: string): UnavailableContract => ({
    kind: 'unavailable',
    ref,
    reason: shortenText(`${path} ${fault}`, REASON_MAX),
  });
  try {
    return build(source, unavailable);
  } catch (error) {
    if (error instanceof RangeError) return unavailable('is nested too deeply');
    throw error;
  }
}

function build(
  { ref, path, document, limits, judged }: ContractSource,
  unavailable: (fault: string) => UnavailableContract,
): ContractReading {
  const traits = traitsOf({ ref, document });
  if (typeof traits === 'string') return unavailable(traits);
  const normal = normaliseSchema(document);
  if (normal === null) return unavailable(`declares another $schema than ${DRAFT_2020_12}`);
  const schema = toPlainJson(normal) as JsonObject;
  const hash = createHash('sha256').update(canonicalJson(document)).digest('hex');
  const known = judged?.has(hash) ?? false;
  const faults = known ? [] : faultsOfSchema(schema);
  if (faults.length > 0) return unavailable(`is not a JSON Schema 2020-12: ${listFaults(faults)}`);
  const judge = known ? judgeLater({ schema, limits }) : compileJudge({ schema, limits });
  if (judge.kind === 'unusable') return unavailable(`cannot judge records: ${judge.reason}`);
  const columns = columnsOf(normal, traits);
  const misfit = misfitOf({ document: normal, traits, columns });
  if (misfit !== null) return unavailable(misfit);
  const contract = { ref, path, hash, schema, traits, columns, validate: judge.validate };
  return { kind: 'contract', contract, notes: judge.notes };
}

/** What this engine cannot judge is looked for at once, since an older one may have judged by it. */
function judgeLater(input: { readonly schema: JsonObject; readonly limits: Limits }): Judge {
  const gap = findJudgeGap(input.schema);
  if (gap !== null) return { kind: 'unusable', reason: gap };
  let compiled: (Judge & { kind: 'judge' }) | undefined;
  const validate = (record: JsonValue) => {
    if (compiled === undefined) {
      const judge = compileJudge(input);
      if (judge.kind === 'unusable') throw unusable(judge.reason);
      compiled = judge;
    }
    return compiled.validate(record);
  };
  return { kind: 'judge', validate, notes: [] };
}

/** Why the traits do not fit the document, or null. */
function misfitOf(input: {
  readonly document: ExactObject;
  readonly traits: ContractTraits;
  readonly columns: readonly ContractColumn[];
}): string | null {
  const { document, traits, columns } = input;
  if (propertiesOf(document).length === 0) return 'names no properties, so its table would have no columns';
  const column = (property: string) => columns.find((one) => one.property === property);
  if (column(traits.businessKey) === undefined)
    return `has no property ${traits.businessKey}, the key of its table`;
  const { eventTime } = traits;
  if (eventTime !== null && column(eventTime)?.type.kind !== 'timestamptz') {
    return `has no date-time property ${eventTime}, the event time of its table`;
  }
  const { deletion } = traits;
  const deletes = deletion && column(deletion.property);
  if (deletes && deletion.values !== null && deletes.type.kind !== typeof deletion.values[0])
    return `has a property ${deletion.property} whose column is ${deletes.type.kind}, and deletion compares it with ${typeof deletion.values[0]} values`;
  return null;
}

function listFaults(faults: readonly string[]): string {
  const rest = faults.length - FAULTS_TOLD_MAX;
  return faults.slice(0, FAULTS_TOLD_MAX).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

function unusable(reason: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.contract_unavailable,
    message: `A contract that records were judged by before cannot judge them any more: ${reason}.`,
    next: 'tidemark contract test',
  });
}
