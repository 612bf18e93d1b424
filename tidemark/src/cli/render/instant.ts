/** `2026-03-06 12:00:05Z`: UTC to the second, of ISO-8601 text. */
export function shortInstant(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')}Z`;
}

/** `2026-03-06 12:00Z`: to the minute, for columns. */
export function shortMinute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')}Z`;
}
