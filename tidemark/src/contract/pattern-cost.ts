import type { PatternNode } from './pattern-syntax.ts';

/** Longest text for which a bound is looked for, in UTF-16 code units; beyond any line that is read. */
const TEXT_MAX = 2 ** 32;

/**
 * The longest text, in powers of two, on which a backtracking engine certainly takes at most `stepsMax` steps.
 * An upper bound of the ways to match, not an analysis of ambiguity: simple patterns get long texts, nested
 * repetition short ones.
 */
export function longestCheapText(node: PatternNode, stepsMax: number): number {
  let longest = 0;
  for (let length = 1; length <= TEXT_MAX; length *= 2) {
    const paths = waysToMatch(node, length) * (startsAtStart(node) ? 1 : length + 1);
    // A single path is walked once, whatever the text.
    if (paths > 1 && paths * length > stepsMax) break;
    longest = length;
  }
  return longest;
}

/** At most this many paths lead through the pattern from one position of a text of `length` code units. */
function waysToMatch(node: PatternNode, length: number): number {
  switch (node.kind) {
    case 'point':
    case 'assert':
      return 1;
    case 'sequence':
      return node.items.reduce((ways, item) => ways * waysToMatch(item, length), 1);
    case 'choice':
      return node.options.reduce((ways, option) => ways + waysToMatch(option, length), 0);
    case 'repeat': {
      // Iterations that match nothing are cut off by the engine, so that no more than `length` of them count.
      const most = Math.min(node.max, Math.max(length, node.min));
      const ways = waysToMatch(node.item, length);
      if (ways === 1) return most - node.min + 1;
      return most === 0 ? 1 : ways ** most * (most - node.min + 1);
    }
  }
}

function startsAtStart(node: PatternNode): boolean {
  if (node.kind === 'assert') return node.where === 'start';
  if (node.kind === 'choice') return node.options.every(startsAtStart);
  return node.kind === 'sequence' && node.items[0] !== undefined && startsAtStart(node.items[0]);
}
