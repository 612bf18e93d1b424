import type { Violation } from '../contract/contract.ts';
import { canonicalDecimal, isExactDouble } from '../model/canonical-json.ts';
import { ExactNumber, type ExactObject, type ExactValue } from '../model/exact-number.ts';
import { pointerTo } from '../model/json.ts';

export type StrictReading =
  | { readonly kind: 'value'; readonly value: ExactValue }
  | { readonly kind: 'violation'; readonly violation: Violation };

/**
 * Reads one JSON text (RFC 8259) as it stands: no number rounded, no key lost, no lone surrogate let through. Names the
 * first offence in reading order: `malformed_json`, `duplicate_key`, `too_deep` or `invalid_unicode`. The pointer is of
 * the value that was being read; positions count the bytes of the text's UTF-8 from 0. `depthMax` bounds the recursion:
 * a thousand is safe.
 */
export function readStrictJson(text: string, depthMax: number): StrictReading {
  try {
    return { kind: 'value', value: new StrictReader(text, depthMax).readDocument() };
  } catch (error) {
    if (error instanceof Offence) return { kind: 'violation', violation: error.violation };
    throw error;
  }
}

/** Ends the descent from any depth; never leaves this file. */
class Offence extends Error {
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(violation.rule);
    this.violation = violation;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that JSON must escape
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
const WORD = /[A-Za-z0-9_+.-]{1,16}/y;
const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class StrictReader {
  readonly #text: string;
  readonly #depthMax: number;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  readDocument(): ExactValue {
    this.#skipWhitespace();
    const value = this.#readValue();
    this.#skipWhitespace();
    if (this.#at < this.#text.length) this.#malformed('nothing after the value');
    return value;
  }

  #readValue(): ExactValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#readObject();
      case '[':
        return this.#readArray();
      case '"':
        return this.#readString();
    }
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#readNumber();
  }

  #readObject(): ExactObject {
    this.#enter();
    const object: Record<string, ExactValue> = {};
    if (this.#skip('}')) return object;
    do {
      this.#skipWhitespace();
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') this.#malformed('a key in double quotes');
      const key = this.#readString();
      this.#path.push(key);
      if (Object.hasOwn(object, key)) {
        this.#offend('duplicate_key', 'each key once', `again at byte ${this.#byteAt(keyAt)}`);
      }
      if (!this.#skip(':')) this.#malformed('":" after the key');
      this.#skipWhitespace();
      setMember(object, key, this.#readValue());
      this.#path.pop();
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#malformed('"," or "}" after a member');
    return object;
  }

  #readArray(): readonly ExactValue[] {
    this.#enter();
    const items: ExactValue[] = [];
    if (this.#skip(']')) return items;
    do {
      this.#skipWhitespace();
      this.#path.push(items.length);
      items.push(this.#readValue());
      this.#path.pop();
    } while (this.#skip(','));
    if (!this.#skip(']')) this.#malformed('"," or "]" after an element');
    return items;
  }

  /** Steps over a bracket that opens. Every level of nesting is one of the path, and the document's own. */
  #enter(): void {
    if (this.#path.length >= this.#depthMax) {
      const received = `level ${this.#depthMax + 1} at byte ${this.#byteAt(this.#at)}`;
      this.#offend('too_deep', `at most ${this.#depthMax} levels of nesting`, received);
    }
    this.#at += 1;
  }

  #readString(): string {
    const start = this.#at;
    this.#at += 1;
    let value = '';
    for (;;) {
      value += this.#match(PLAIN_CHARACTERS);
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\') {
        this.#malformed(
          next === undefined ? 'the closing quote of the string' : 'control characters escaped',
        );
      }
      value += this.#readEscape();
    }
    this.#at += 1;
    if (!value.isWellFormed()) {
      this.#offend(
        'invalid_unicode',
        'surrogates in pairs',
        `a lone surrogate, in the string at byte ${this.#byteAt(start)}`,
      );
    }
    return value;
  }

  #readEscape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    if (letter === 'u') {
      this.#at += 2;
      const digits = this.#match(FOUR_HEX);
      if (digits === '') this.#malformed('four hexadecimal digits after "\\u"');
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    this.#at += 1;
    const character = ESCAPES[letter];
    if (character === undefined) this.#malformed('one of "\\/bfnrtu after a backslash');
    this.#at += 1;
    return character;
  }

  #readNumber(): number | ExactNumber {
    const start = this.#at;
    const digits = this.#match(NUMBER);
    if (digits === '') {
      this.#at = start;
      this.#malformed('a JSON value');
    }
    return isExactDouble(digits) ? Number(digits) : new ExactNumber(canonicalDecimal(digits));
  }

  #match(sticky: RegExp): string {
    sticky.lastIndex = this.#at;
    const matched = sticky.exec(this.#text)?.[0] ?? '';
    this.#at += matched.length;
    return matched;
  }

  /** Steps over whitespace, and over `character` if it stands there. */
  #skip(character: string): boolean {
    this.#skipWhitespace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipWhitespace(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character !== ' ' && character !== '\t' && character !== '\n' && character !== '\r') return;
      this.#at += 1;
    }
  }

  #malformed(expected: string): never {
    return this.#offend('malformed_json', expected, this.#found(this.#at));
  }

  #offend(rule: string, expected: string, received: string): never {
    throw new Offence({ rule, pointer: this.#path.reduce<string>(pointerTo, ''), expected, received });
  }

  #found(at: number): string {
    if (at >= this.#text.length) return 'the end of the line';
    this.#at = at;
    const word = this.#match(WORD);
    return `${word === '' ? nameCharacter(this.#text, at) : word} at byte ${this.#byteAt(at)}`;
  }

  #byteAt(at: number): number {
    return Buffer.byteLength(this.#text.slice(0, at));
  }
}

/** An assignment to `__proto__` would change the prototype: it is a key like any other. */
function setMember(object: Record<string, ExactValue>, key: string, value: ExactValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

function nameCharacter(text: string, at: number): string {
  const point = text.codePointAt(at) ?? 0;
  const printable = /[^\p{C}\p{Z}]/u.test(String.fromCodePoint(point));
  return printable ? String.fromCodePoint(point) : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}
