/** A part of the public suite on which we differ by knowing; `names` begin with `where`, and are as many as `count`. */
export interface Deviation {
  readonly where: string;
  readonly count: number;
  readonly why: string;
}

/** Schemas that no contract may use: it is refused when it is loaded, so no record is ever judged wrongly by it. In groups. */
export const REFUSED: readonly Deviation[] = [
  {
    where: 'dynamicRef.json',
    count: 19,
    why: '`$dynamicRef`: ajv resolves some of them to the wrong schema',
  },
  {
    where: 'unevaluatedProperties.json: unevaluatedProperties with $dynamicRef',
    count: 1,
    why: '`$dynamicRef`',
  },
  {
    where: 'unevaluatedItems.json',
    count: 27,
    why: '`unevaluatedItems`: ajv overlooks what `contains` evaluated',
  },
  {
    where: 'unevaluatedProperties.json: unevaluatedProperties with if/then/else, ',
    count: 2,
    why: '`unevaluatedProperties` beside an `if` without `then` or `else`: ajv forgets what the `if` evaluated',
  },
  {
    where: 'unevaluatedProperties.json: unevaluatedProperties can see annotations from if',
    count: 1,
    why: 'the same',
  },
  { where: 'refRemote.json', count: 15, why: 'a contract stands for itself: it refers to no other document' },
  { where: 'defs.json', count: 1, why: 'the same: it refers to the meta-schema' },
  {
    where: 'ref.json: remote ref, containing refs itself',
    count: 1,
    why: 'the same: it refers to the meta-schema',
  },
  {
    where: 'ref.json: refs with relative uris and defs',
    count: 1,
    why: '`$ref` beside a nested `$id`: ajv does not end',
  },
  { where: 'ref.json: relative refs with absolute uris and defs', count: 1, why: 'the same' },
  { where: 'ref.json: URN ref with nested pointer ref', count: 1, why: 'the same' },
  {
    where: 'properties.json: properties whose names are Javascript object property names',
    count: 1,
    why: 'a property `__proto__`',
  },
];

/** Documents that are judged otherwise than the suite says. In tests. */
export const JUDGED_OTHERWISE: readonly Deviation[] = [
  {
    where: 'format.json',
    count: 15,
    why: 'formats are asserted here, where the draft leaves them annotations unless asked',
  },
  {
    where: 'vocabulary.json: schema that uses custom metaschema',
    count: 1,
    why: 'the meta-schema of a contract is that of the draft, whatever it declares inside',
  },
  {
    where: 'optional/format/email.json',
    count: 5,
    why: '`email` refuses quoted local parts and address literals, as mail systems do (ajv-formats)',
  },
  {
    where: 'optional/format/idn-email.json',
    count: 2,
    why: 'ajv-formats does not know `idn-email`; a contract with it is loaded with a note, and it is not checked',
  },
  { where: 'optional/format/idn-hostname.json', count: 34, why: 'the same: `idn-hostname`' },
  { where: 'optional/format/iri-reference.json', count: 2, why: 'the same: `iri-reference`' },
  { where: 'optional/format/iri.json', count: 4, why: 'the same: `iri`' },
];
