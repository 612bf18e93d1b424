import type { ColumnType, Violation } from '../contract/contract.ts';
import { readDateTime } from '../contract/date-time.ts';
import { isSchemaObject } from '../contract/schema-document.ts';
import { shortenText, shortenValue } from '../contract/shorten-value.ts';
import { ExactNumber, type ExactValue, toPlainJson } from '../model/exact-number.ts';
import { pointerTo } from '../model/json.ts';
import { compileCell, HELD_BY } from './project-cell.ts';

/** The rule of a value that its contract allows and its column cannot hold exactly. */
export const UNREPRESENTABLE = 'unrepresentable';

/** Finds what in a value its column cannot hold; adds to `found` until it has `violationsMax`. */
export function explainCell(input: {
  readonly type: ColumnType;
  readonly value: ExactValue;
  readonly pointer: string;
  readonly found: Violation[];
  readonly violationsMax: number;
}): void {
  const { type, value, pointer, found, violationsMax } = input;
  if (value === null || found.length >= violationsMax || compileCell(type)(value) !== null) return;
  if (type.kind === 'list' && Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      if (found.length >= violationsMax) return;
      explainCell({ ...input, type: type.element, value: item, pointer: pointerTo(pointer, at) });
    }
  } else if (type.kind === 'struct' && isSchemaObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      const field = type.fields.find((one) => one.name === name);
      if (field === undefined) found.push(unnamed({ value: item, pointer: pointerTo(pointer, name) }));
      else explainCell({ ...input, type: field.type, value: item, pointer: pointerTo(pointer, name) });
    }
  } else {
    found.push({
      rule: UNREPRESENTABLE,
      pointer,
      expected: HELD_BY[type.kind],
      received: received(type, value),
    });
  }
}

/** A property that an open contract lets pass and that has no column. */
export function unnamed(input: { readonly value: ExactValue; readonly pointer: string }): Violation {
  return {
    rule: UNREPRESENTABLE,
    pointer: shortenText(input.pointer, 512),
    expected: 'a property that the contract names, since only those have a column',
    received: textOf(input.value),
  };
}

function received(type: ColumnType, value: ExactValue): string {
  const reading = type.kind === 'timestamptz' && typeof value === 'string' ? readDateTime(value) : null;
  return reading?.kind === 'beyond' ? `${textOf(value)} (${reading.why})` : textOf(value);
}

function textOf(value: ExactValue): string {
  return value instanceof ExactNumber ? shortenText(value.canonical) : shortenValue(toPlainJson(value));
}
