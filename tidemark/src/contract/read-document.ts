import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { visit } from 'jsonc-parser';
import type { ExactObject } from '../model/exact-number.ts';
import { parseExact } from '../model/parse-exact.ts';
import { isSchemaObject } from './schema-document.ts';

export type DocumentReading =
  | { readonly kind: 'document'; readonly document: ExactObject }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads one JSON object without rounding a number; what is wrong with the file is the reason, never an exception. */
export async function readDocument(input: {
  readonly path: string;
  readonly bytesMax: number;
}): Promise<DocumentReading> {
  let bytes: Uint8Array;
  try {
    // A pipe waits for its writer and a device has no end: opened without waiting, and not read.
    await using file = await open(input.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    const { size } = found;
    if (!found.isFile()) return unreadable('cannot be read: it is not a regular file');
    if (size > input.bytesMax) {
      return unreadable(`is ${size} bytes long, more than the ${input.bytesMax} that are read`);
    }
    bytes = await file.readFile();
  } catch (error) {
    return unreadable(`cannot be read: ${messageOf(error)}`);
  }
  return parseDocument(bytes);
}

export function parseDocument(bytes: Uint8Array): DocumentReading {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value = parseExact(text);
    if (!isSchemaObject(value)) return unreadable('is not a JSON object');
    const duplicate = duplicateNameIn(text);
    if (duplicate !== null)
      return unreadable(`has the name ${JSON.stringify(duplicate)} twice in one object`);
    return { kind: 'document', document: value };
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable(`is not JSON: ${error.message}`);
    if (error instanceof RangeError) return unreadable('is nested too deeply');
    if (error instanceof TypeError) return unreadable('is not legal UTF-8');
    throw error;
  }
}

/** A name that stands twice in one object: which of the two was meant nobody can say. */
function duplicateNameIn(text: string): string | null {
  const open: Set<string>[] = [];
  let duplicate: string | null = null;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (name) => {
      const names = open.at(-1);
      if (names?.has(name)) duplicate ??= name;
      names?.add(name);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return duplicate;
}

function unreadable(reason: string): DocumentReading {
  return { kind: 'unreadable', reason };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
