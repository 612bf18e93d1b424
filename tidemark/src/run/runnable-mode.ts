/** Why a plain run does not take in a manifest of this load mode; null for one that it takes in. */
export function whyNotRun(loadMode: string): string | null {
  if (loadMode === 'full_snapshot' || loadMode === 'incremental_cursor') return null;
  if (loadMode === 'cdc') return 'change capture reads streams, not files';
  return `${loadMode} is a recovery verb that is planned first`;
}
