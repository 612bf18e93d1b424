import { distance } from 'fastest-levenshtein';

/** Words farther apart than this are different words, however long they are. */
const EDITS_MAX = 3;
/** Longer words are not compared: no name of the form comes near. */
const COMPARED_CHARS_MAX = 128;

/**
 * The candidate that `word` is most likely a misspelling of. Case and punctuation do not count; two neighbouring
 * letters swapped count as two edits, which a word of five letters may have. On a tie the first candidate wins.
 */
export function nearMiss(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > COMPARED_CHARS_MAX) return undefined;
  const bare = bareWord(word);
  const editsMax = Math.min(EDITS_MAX, Math.floor(bare.length * 0.4));
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(bare, bareWord(candidate));
    if (edits <= editsMax && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate;
}

function bareWord(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
