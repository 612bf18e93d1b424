/** A pattern as far as a machine without backtracking can run it: for a yes or no, groups and laziness fall away. */
export type PatternNode =
  /** One code point, as the source of a class, an escape, a dot or a literal. */
  | { readonly kind: 'point'; readonly source: string }
  | { readonly kind: 'assert'; readonly where: 'start' | 'end' | 'boundary' | 'no_boundary' }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number };

/** A feature whose verdict needs more than the position in the pattern: look-around, back reference, modifiers. */
class UnsupportedFeature extends Error {}

/** Parses a pattern that `new RegExp(pattern, 'u')` accepts; null where it uses a feature that needs backtracking. */
export function parsePattern(pattern: string): PatternNode | null {
  try {
    return new PatternParser(pattern).parse();
  } catch (error) {
    // RangeError: groups nested deeper than the stack.
    if (error instanceof UnsupportedFeature || error instanceof RangeError) return null;
    throw error;
  }
}

const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;

/** One whole escape; two escaped surrogates are one code point. `\b`, `\B`, `\k` and `\1` are told apart before. */
const ESCAPE =
  /\\(?:u\{[^}]*\}|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|[\s\S])/uy;

const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const GROUP_START = /\((?:\?:|\?<(?![=!])[^>]*>|(?!\?))/y;

class PatternParser {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): PatternNode {
    const options = [this.#sequence()];
    while (this.#pattern[this.#at] === '|') {
      this.#at += 1;
      options.push(this.#sequence());
    }
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    for (let next = this.#pattern[this.#at]; next !== undefined && next !== '|' && next !== ')'; ) {
      items.push(this.#quantified(this.#term(next)));
      next = this.#pattern[this.#at];
    }
    return { kind: 'sequence', items };
  }

  #term(next: string): PatternNode {
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'point', source: this.#take(CLASS) };
      case '\\':
        return this.#escape();
      case '^':
      case '$':
        this.#at += 1;
        return { kind: 'assert', where: next === '^' ? 'start' : 'end' };
      default: {
        const source = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number);
        this.#at += source.length;
        return { kind: 'point', source };
      }
    }
  }

  #group(): PatternNode {
    this.#take(GROUP_START);
    const node = this.parse();
    this.#at += 1;
    return node;
  }

  #escape(): PatternNode {
    const escaped = this.#pattern[this.#at + 1] ?? '';
    if (/[1-9k]/.test(escaped)) throw new UnsupportedFeature();
    const source = this.#take(ESCAPE);
    if (escaped === 'b') return { kind: 'assert', where: 'boundary' };
    return escaped === 'B' ? { kind: 'assert', where: 'no_boundary' } : { kind: 'point', source };
  }

  #quantified(item: PatternNode): PatternNode {
    QUANTIFIER.lastIndex = this.#at;
    const match = QUANTIFIER.exec(this.#pattern);
    if (match === null) return item;
    this.#at += match[0].length;
    const [text, least, more, most] = match;
    if (least === undefined) {
      return { kind: 'repeat', item, min: text[0] === '+' ? 1 : 0, max: text[0] === '?' ? 1 : Infinity };
    }
    const min = Number(least);
    return {
      kind: 'repeat',
      item,
      min,
      max: more === undefined ? min : most === '' ? Infinity : Number(most),
    };
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#at;
    const match = token.exec(this.#pattern);
    if (match === null) throw new UnsupportedFeature();
    this.#at += match[0].length;
    return match[0];
  }
}
