const TITLE_CHARACTERS_MAX = 512;

/** A title as one line of bounded length, or null where there is none. */
export function shortTitle(title: unknown): string | null {
  if (typeof title !== 'string') return null;
  const line = title.toWellFormed().replaceAll(/\s+/g, ' ').trim();
  return line === '' ? null : [...line].slice(0, TITLE_CHARACTERS_MAX).join('');
}
