/** A command to type next; words that a shell would take apart are quoted. */
export function nextCommand(...words: readonly string[]): string {
  return ['tidemark', ...words.map(shellWord)].join(' ');
}

export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
