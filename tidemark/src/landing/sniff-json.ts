import { isJsonObject } from '../model/json.ts';

const LINES_ENDINGS: ReadonlySet<string> = new Set(['jsonl', 'ndjson']);
/** How an object, and an array of something, begin; `[a link](…)` and `{name}` do not. */
const OBJECT_OPENS = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:/;
const ARRAY_OPENS = /^\s*\[\s*(?:\{\s*"|\[|"(?:[^"\\]|\\.)*"\s*[,\]]|-?\d[\d.eE+-]*\s*[,\]])/;
/** A line that the head cuts and that is longer than this is one of JSON lines: a laid-out document breaks earlier. */
const LAID_OUT_LINE_CHARACTERS_MAX = 4096;

/**
 * `application/x-ndjson` if the first line that is not blank is a JSON object, as far as seen; `application/json` for
 * what else begins as a JSON object or array, a lone object in a file named `.json` included; null if it is not JSON.
 * A file *named* as JSON lines is also taken for it where a later line is an object: its bad first line is one record's
 * fault, to be rejected by itself. `text` holds one character per byte, so that bad UTF-8 in a record does not matter.
 */
export function sniffJson({ text, ending }: { text: string; ending: string }): string | null {
  const written = text.split('\n').filter((line) => line.trim() !== '');
  const first = written[0];
  if (first === undefined) return null;

  const cut = written.length === 1 && first.length > LAID_OUT_LINE_CHARACTERS_MAX && OBJECT_OPENS.test(first);
  if (cut || isObject(first)) {
    return written.length === 1 && ending === 'json' ? 'application/json' : 'application/x-ndjson';
  }
  if (LINES_ENDINGS.has(ending) && written.some(isObject)) return 'application/x-ndjson';
  return isDocument(text) ? 'application/json' : null;
}

function isObject(line: string): boolean {
  return /^\s*\{/.test(line) && isJsonObject(parse(line));
}

function isDocument(text: string): boolean {
  if (OBJECT_OPENS.test(text) || ARRAY_OPENS.test(text)) return true;
  const whole = /^\s*[{[]/.test(text) ? parse(text) : null;
  return typeof whole === 'object' && whole !== null;
}

/** Undefined where it is not JSON, which JSON itself cannot say. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
