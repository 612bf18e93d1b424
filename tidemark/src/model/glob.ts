/** Whether a text is a pattern rather than a name. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether a path is one that a pattern means: `*` stands for any characters, `?` for one, neither for a `/`. A part that
 * begins with a dot is meant only by a pattern whose part does. The time is bounded by their lengths multiplied, whatever they
 * are: patterns come from manifests, names from whoever delivers.
 */
export function globMatches(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const parts = path.split('/');
  return (
    patterns.length === parts.length && patterns.every((part, index) => partMatches(part, parts[index] ?? ''))
  );
}

function partMatches(pattern: string, part: string): boolean {
  if (part.startsWith('.') && !pattern.startsWith('.')) return false;
  const wanted = [...pattern];
  const found = [...part];
  let at = 0;
  let star = -1;
  /** What the last star stands for ends here. */
  let taken = 0;
  for (let index = 0; index < found.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      taken = index;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === found[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      index = ++taken;
    } else {
      return false;
    }
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
