import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { SPEC_VERSIONS } from '../model/spec-versions.ts';

/**
 * Rows of other spec versions stay readable. Writing beside them would compare fingerprints of two kinds, and take the
 * same record for another.
 * @param meta the rows of `tidemark_meta` whose key begins with `spec_`
 * @throws ConfigurationError specs_differ
 */
export function refuseOtherSpecs(
  meta: readonly { readonly key: string; readonly value: string }[],
  place: string,
): void {
  const found = new Map(meta.map(({ key, value }) => [key, value]));
  const differing = Object.entries(SPEC_VERSIONS).filter(
    ([name, spec]) => found.get(`spec_${name}`) !== spec,
  );
  if (differing.length === 0) return;
  const told = differing.map(
    ([name, spec]) => `${found.get(`spec_${name}`) ?? 'nothing'} instead of ${spec}`,
  );
  throw new ConfigurationError({
    code: ERROR_CODES.specs_differ,
    message: `The rows of the catalog ${place} were made by ${told.join(', ')}.`,
    next: 'Nothing was changed; verbs that only read work. Write with the Tidemark release that made these rows.',
    facts: { found: Object.fromEntries(found), known: SPEC_VERSIONS },
  });
}
