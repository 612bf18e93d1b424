/**
 * What of a table may be there once alone. `business_key`: one record of a key, so a further version of it is one too many.
 * `version`: one record of a key and the values that order its versions, so versions are welcome and two contents of one
 * version are not. Where nothing is declared, a key comes as often as it comes: events do.
 */
export const UNIQUENESS = ['business_key', 'version'] as const;
export type Uniqueness = (typeof UNIQUENESS)[number];
