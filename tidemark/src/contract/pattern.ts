import { compileAutomaton } from './pattern-automaton.ts';
import { longestCheapText } from './pattern-cost.ts';
import { parsePattern } from './pattern-syntax.ts';

/** Steps of the backtracking engine that one text may cost: about 30 ms. */
const STEPS_MAX = 10_000_000;

export interface Pattern {
  test(text: string): boolean;
  /** False where some text could take very long: the pattern looks around or back, and repeats. */
  readonly isBounded: boolean;
  /** Distinct for distinct patterns: ajv tells patterns apart by it. */
  toString(): string;
}

/**
 * A contract's pattern under the Unicode reading that draft 2020-12 asks for. A text on which the engine of the
 * language might backtrack for long is matched by an automaton in linear time, with the same verdict.
 * Throws SyntaxError where it is no pattern.
 */
export function compilePattern(pattern: string): Pattern {
  const engine = compileExpression(pattern);
  const node = parsePattern(engine.source);
  // What cannot be parsed can look around or back: its cost is unknown. V8 (13.6) also finds `\B` between the two halves
  // of a surrogate pair, where the standard never looks: such a pattern is the automaton's.
  const lengthMax = node === null || engine.source.includes('\\B') ? 0 : longestCheapText(node, STEPS_MAX);
  const automaton = node === null ? null : compileAutomaton(node);
  const name = String(engine);
  const isBounded = automaton !== null;
  const test = (text: string) =>
    automaton === null || text.length <= lengthMax ? engine.test(text) : automaton(text);
  return { test, isBounded, toString: () => name };
}

/**
 * Many contracts in the world escape punctuation that needs no escape (`\@`, `\-`), which the Unicode reading
 * refuses; such an escape is taken as the character it stands for, and everything else keeps its Unicode meaning.
 */
function compileExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const plain = withoutIdleEscapes(pattern);
    if (plain === pattern) throw error;
    return new RegExp(plain, 'u');
  }
}

const IDLE_ESCAPE = /[^\p{L}\p{N}\p{M}^$\\.*+?()[\]{}|/]/u;

function withoutIdleEscapes(pattern: string): string {
  let plain = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const unit = pattern[at] as string;
    if (unit === '[') inClass = true;
    else if (unit === ']') inClass = false;
    if (unit !== '\\' || at + 1 === pattern.length) {
      plain += unit;
      continue;
    }
    at += 1;
    const escaped = pattern[at] as string;
    // In a class `\-` is a hyphen and `-` may be a range: there the escape does something.
    const idle = IDLE_ESCAPE.test(escaped) && !(inClass && escaped === '-');
    plain += idle ? escaped : unit + escaped;
  }
  return plain;
}
