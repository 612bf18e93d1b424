/** Why what follows cannot be told into elements. */
export interface ArrayFault {
  readonly rule: 'malformed_json' | 'duplicate_key';
  readonly expected: string;
}

/** What the scanner came to at a byte. */
export type Step =
  | 'on'
  /** The byte is the first of an element. */
  | 'begins'
  /** The element ends in front of the byte. */
  | 'ended'
  /** The byte is the last of the element. */
  | 'ends'
  | 'fault';

const KEY_BYTES_MAX = 64 * 1024;

const STATES = {
  /** In front of the array, or of an object on the way to it. */
  value: 0,
  /** In front of the first key, or of the end of an empty object. */
  firstKey: 1,
  key: 2,
  inKey: 3,
  inKeyEscape: 4,
  colon: 5,
  /** Behind a member of an object on the way. */
  member: 6,
  /** In front of the first element, or of the end of an empty array. */
  first: 7,
  next: 8,
  /** Behind an element. */
  element: 9,
  end: 10,
  /** Inside a value: one that is passed over, or an element. */
  scalar: 11,
  nested: 12,
  string: 13,
  escape: 14,
} as const;
type State = (typeof STATES)[keyof typeof STATES];

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Tells a JSON array into its elements, byte by byte: the array is the document, or where a pointer leads to through
 * objects. Inside an element only strings and depth are followed; whether it is JSON is for whoever parses it to say, so
 * that a bad one is its own fault alone.
 */
export class ElementScanner {
  readonly #path: readonly string[];
  /** Objects on the way that are open. */
  #level = 0;
  /** Of each of them, whether its member on the way was there. */
  readonly #seen: boolean[] = [];
  #state: State = STATES.value;
  #depth = 0;
  #isElement = false;
  #key: number[] = [];
  #onTheWay = false;
  fault: ArrayFault | null = null;

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  get isInElement(): boolean {
    return this.#isElement;
  }

  step(byte: number): Step {
    switch (this.#state) {
      case STATES.string:
        if (byte === QUOTE) return this.#depth === 0 ? this.#endValue('ends') : this.#to(STATES.nested);
        return byte === BACKSLASH ? this.#to(STATES.escape) : 'on';
      case STATES.escape:
        return this.#to(STATES.string);
      case STATES.nested:
        if (byte === QUOTE) return this.#to(STATES.string);
        if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth += 1;
        else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
          this.#depth -= 1;
          if (this.#depth === 0) return this.#endValue('ends');
        }
        return 'on';
      case STATES.scalar: {
        if (!isSpace(byte) && byte !== COMMA && byte !== CLOSE_ARRAY && byte !== CLOSE_OBJECT) return 'on';
        const wasElement = this.#isElement;
        this.#endValue('on');
        // The byte says what follows; after an element that is only whether another one does.
        const after = isSpace(byte) ? 'on' : this.step(byte);
        return after === 'fault' || !wasElement ? after : 'ended';
      }
      case STATES.inKey:
        return this.#inKey(byte);
      case STATES.inKeyEscape:
        this.#key.push(byte);
        return this.#to(STATES.inKey);
      default:
        return isSpace(byte) ? 'on' : this.#between(byte);
    }
  }

  /** The document ends here: what it should have gone on with, or null. */
  finish(): ArrayFault | null {
    if (this.#state === STATES.end) return null;
    const expected = this.#isElement ? 'the end of the element' : 'the end of the array';
    return this.fault ?? { rule: 'malformed_json', expected };
  }

  #between(byte: number): Step {
    switch (this.#state) {
      case STATES.value: {
        const isArray = this.#level === this.#path.length;
        if (byte !== (isArray ? OPEN_ARRAY : OPEN_OBJECT))
          return this.#blame(isArray ? 'an array' : 'an object');
        if (isArray) return this.#to(STATES.first);
        this.#level += 1;
        this.#seen.push(false);
        return this.#to(STATES.firstKey);
      }
      case STATES.firstKey:
      case STATES.key:
        if (byte === CLOSE_OBJECT && this.#state === STATES.firstKey) return this.#leaveObject();
        if (byte !== QUOTE) return this.#blame('a key');
        this.#key = [byte];
        return this.#to(STATES.inKey);
      case STATES.colon:
        if (byte !== COLON) return this.#blame('a colon');
        return this.#onTheWay ? this.#to(STATES.value) : this.#to(STATES.member, true);
      case STATES.member:
        if (this.#valueDue) return this.#beginValue(byte, false);
        if (byte === COMMA) return this.#to(STATES.key);
        return byte === CLOSE_OBJECT ? this.#leaveObject() : this.#blame('a comma or the end of the object');
      case STATES.first:
        return byte === CLOSE_ARRAY ? this.#leaveArray() : this.#beginValue(byte, true);
      case STATES.next:
        return this.#beginValue(byte, true);
      case STATES.element:
        if (byte === COMMA) return this.#to(STATES.next);
        return byte === CLOSE_ARRAY ? this.#leaveArray() : this.#blame('a comma or the end of the array');
      default:
        return this.#blame('nothing behind the document');
    }
  }

  /** Whether a member that is passed over has still to begin. */
  #valueDue = false;

  #to(state: State, valueDue = false): 'on' {
    this.#state = state;
    this.#valueDue = valueDue;
    return 'on';
  }

  #blame(expected: string, rule: ArrayFault['rule'] = 'malformed_json'): 'fault' {
    this.fault = { rule, expected };
    return 'fault';
  }

  #beginValue(byte: number, isElement: boolean): Step {
    if (byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
      return this.#blame(isElement ? 'an element' : 'a value');
    this.#isElement = isElement;
    const isNested = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
    this.#depth = isNested ? 1 : 0;
    this.#to(isNested ? STATES.nested : byte === QUOTE ? STATES.string : STATES.scalar);
    return isElement ? 'begins' : 'on';
  }

  #endValue(step: 'ends' | 'on'): Step {
    const wasElement = this.#isElement;
    this.#isElement = false;
    this.#to(wasElement ? STATES.element : STATES.member);
    return wasElement ? step : 'on';
  }

  #inKey(byte: number): Step {
    this.#key.push(byte);
    if (this.#key.length > KEY_BYTES_MAX) return this.#blame(`a key of at most ${KEY_BYTES_MAX} bytes`);
    if (byte === BACKSLASH) return this.#to(STATES.inKeyEscape);
    if (byte !== QUOTE) return 'on';
    const at = this.#level - 1;
    this.#onTheWay = keyOf(this.#key) === this.#path[at];
    // What the second one holds would be left out without a word.
    if (this.#onTheWay && this.#seen[at])
      return this.#blame('each key on the way to the array once', 'duplicate_key');
    if (this.#onTheWay) this.#seen[at] = true;
    return this.#to(STATES.colon);
  }

  #leaveArray(): Step {
    return this.#to(this.#level === 0 ? STATES.end : STATES.member);
  }

  #leaveObject(): Step {
    if (this.#seen.pop() !== true)
      return this.#blame(`a member ${JSON.stringify(this.#path[this.#level - 1])}`);
    this.#level -= 1;
    return this.#leaveArray();
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Null for a key that is no JSON string: it leads nowhere. */
function keyOf(bytes: readonly number[]): string | null {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as string;
  } catch {
    return null;
  }
}

/** RFC 6901. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
