import type { Contract, Violation } from '../contract/contract.ts';
import { quoteJson } from '../model/canonical-json.ts';
import type { ExactObject, ExactValue } from '../model/exact-number.ts';
import { pointerTo } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { compileCell, compileRead } from './project-cell.ts';
import { explainCell, unnamed } from './project-unrepresentable.ts';

export type Projection =
  | {
      readonly kind: 'cells';
      /**
       * The inside of a JSON object, without its braces: every contract column by column name, in column order.
       * Timestamps `YYYY-MM-DD HH:MM:SS.ffffff+00`, dates `YYYY-MM-DD`, whole numbers as their digits, `json` columns
       * as canonical JSON text in a string, absent and null alike null. Empty for a contract without columns.
       */
      readonly text: string;
      /** The cell of the contract's event time; null where the contract or the record has none. */
      readonly eventTime: string | null;
    }
  | { readonly kind: 'unrepresentable'; readonly violations: readonly Violation[] };

/**
 * Compiles how a contract's records become cells. A value is held exactly or the record is `unrepresentable`, with
 * every value that is in the way: nothing is rounded, cut or turned into null, whatever the record holds. What the
 * record means is the judge's to say; a record that was not judged is projected all the same, or refused.
 */
export function compileProjection(
  contract: Contract,
  violationsMax = DEFAULT_LIMITS.violationsPerRecordMax,
): (record: ExactObject) => Projection {
  const { columns, traits } = contract;
  const cells = columns.map(({ name, property, type }, at) => ({
    head: `${at === 0 ? '' : ','}${quoteJson(name)}:`,
    read: compileRead(property),
    write: compileCell(type),
    isEventTime: property === traits.eventTime,
  }));
  const findUnnamed = compileUnnamed(contract);

  return (record) => {
    let text = '';
    let eventTime: string | null = null;
    for (const { head, read, write, isEventTime } of cells) {
      const cell = write(read(record));
      if (cell === null) return explain(record);
      text += head + cell;
      if (isEventTime && cell !== 'null') eventTime = cell.slice(1, -1);
    }
    return findUnnamed(record).length > 0 ? explain(record) : { kind: 'cells', text, eventTime };
  };

  function explain(record: ExactObject): Projection {
    const found: Violation[] = [];
    for (const { property, type } of columns) {
      const value = compileRead(property)(record);
      explainCell({ type, value, pointer: pointerTo('', property), found, violationsMax });
    }
    for (const name of findUnnamed(record).slice(0, violationsMax - found.length)) {
      found.push(unnamed({ value: record[name] as ExactValue, pointer: pointerTo('', name) }));
    }
    return { kind: 'unrepresentable', violations: found };
  }
}

/** Finds the properties of a record that have no column; a closed contract's judge has refused those already. */
function compileUnnamed(contract: Contract): (record: ExactObject) => readonly string[] {
  const { additionalProperties, patternProperties } = contract.schema;
  if (additionalProperties === false && patternProperties === undefined) return () => [];
  const named = new Set([
    ...contract.columns.map((column) => column.property),
    ...contract.traits.anchorProperties,
  ]);
  return (record) => Object.keys(record).filter((name) => !named.has(name));
}
