/**
 * Versions of what decides the content of a row. They are part of a unit's key: a change of any of them makes old
 * content eligible again by plan, never silently.
 */
export const SPEC_VERSIONS = {
  /** Canonical form of a record (docs/GLOSSARY.md, "canonical form"). */
  canonical: 'canonical-1',
  /** SHA-256 over the canonical form without lineage properties, first 16 bytes. */
  fingerprint: 'fingerprint-1',
  /** Decoding, judging and projecting. */
  refine: 'refine-1',
} as const;
