/**
 * JSON texts by what a parser must do with them, after RFC 8259 and in the manner of the public JSONTestSuite: `read`
 * must be taken, `refuse` must not, under our rule of that name. As values inside a record; bytes where text cannot say it.
 */
export interface JsonCase {
  readonly name: string;
  readonly text: string | Buffer;
  readonly rule:
    | 'read'
    | 'malformed_json'
    | 'invalid_utf8'
    | 'invalid_unicode'
    | 'duplicate_key'
    | 'too_deep';
}

const read = (name: string, text: string): JsonCase => ({ name, text, rule: 'read' });
const malformed = (name: string, text: string): JsonCase => ({ name, text, rule: 'malformed_json' });
const bytes = (name: string, ...values: number[]): JsonCase => ({
  name,
  text: Buffer.from([0x22, ...values, 0x22]),
  rule: 'invalid_utf8',
});

const NUMBERS_READ =
  '0 -0 1 -1 123 0.1 -0.1 1.5 123.456 1e1 1E1 1e+1 1e-1 1.5e3 -1.5E-3 0e1 0e+1 0E0 0.0 1.0 1.10 100 1e0 123123e100000 123e-10000000 100000000000000000000 -9223372036854775808 9223372036854775807 9223372036854775808 0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006 20e1 -2.2e-07 1e-400 0.1000000000000000055511151231257827';

const NUMBERS_REFUSED =
  '+1 ++1 -- - -a 01 -01 00 012 -012 1. -1. 2.e3 2.e+3 .5 -.5 .2e-3 1e 1e+ 1E- 1eE2 0e 0e+ 0.3e+ 0.e1 1.0e 1.0e- 1_000 1,5 0x1 0x42 1.8011670033376514H-308 1+2 1e1.5 NaN -NaN Inf Infinity -Infinity 1a 1ea 1.2a 1.2a-3 --1 -1x 0b1 0o7 ٣ １';

const STRINGS_READ = [
  '""',
  '"a"',
  '" "',
  '"\\u0000"',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\\u0060\\u012a\\u12AB"',
  '"\\uD801\\udc37"',
  '"\\ud83d\\ude39\\ud83d\\udc8d"',
  '"\\\\u0000"',
  '"\\\\a"',
  '"\\uDBFF\\uDFFF"',
  '"\\uFFFF"',
  '"\\u2028\\u2029"',
  '"\u2028\u2029"',
  '"\u007f"',
  '"\u{1d11e}"',
  '"€𝄞π"',
  '"⍂㈴⍂"',
  '"\\u005C"',
  '"\\u0022"',
  '"/* no comment */"',
  '"a/*b*/c"',
  '"\ufeff"',
  '"new\\u000Aline"',
];

const STRINGS_REFUSED = [
  '"',
  '"a',
  "'a'",
  "'",
  '"\\"',
  '"\\x00"',
  '"\\a"',
  '"\\\u{1f300}"',
  '"\\u"',
  '"\\u0"',
  '"\\u00"',
  '"\\u00A"',
  '"\\u00GZ"',
  '"\\U0041"',
  '"\\ "',
  '"\\{"',
  '"\t"',
  '"\u0000"',
  '"\u001f"',
  'a',
  '\\u0020"a"',
  '"a"b',
  '“a”',
  'é',
];

const SURROGATES = [
  '\\ud800',
  '\\udc00',
  '\\ud800\\ud800',
  '\\udc00\\ud800',
  '\\ud800a',
  '\\ud800\\n',
  '\\uDFAA',
  'a\\uD888b',
];

const STRUCTURES_READ = [
  'true',
  'false',
  'null',
  '[]',
  '[ ]',
  '[1,2]',
  '[ 1 , 2 ]',
  '[null,true,false,"a",1,[],{}]',
  '[[]]',
  '[[],[[]]]',
  '{}',
  '{ }',
  '{"a":1}',
  '{ "a" : 1 , "b" : 2 }',
  '{"":0}',
  '{"a":{"a":{}}}',
  '{"a\\u0000b":1}',
  '[""]',
  '["a",""]',
  '\t[\t1\t]\t',
];

const STRUCTURES_REFUSED = [
  'True',
  'TRUE',
  'tru',
  'nul',
  'nulll',
  'fals',
  'undefined',
  '[',
  ']',
  '[1',
  '[1,',
  '[,1]',
  '[1,,2]',
  '[1,]',
  '["a",]',
  '[1 2]',
  '[1:2]',
  '[1}',
  '["a"',
  '[a',
  '[x]',
  '[[]',
  '[]]',
  '{',
  '}',
  '{"a"}',
  '{"a":}',
  '{"a" 1}',
  '{"a":1,}',
  '{,"a":1}',
  '{"a":1,,"b":2}',
  '{"a":1 "b":2}',
  '{a:1}',
  '{1:1}',
  "{'a':1}",
  '{"a"::1}',
  '{"a":1]',
  '{null:1}',
  '{[1]:1}',
  '{"a":1;"b":2}',
  '{"a","b"}',
  '{"x"',
  '/**/1',
  '1/**/',
  '1//',
  '#1',
  '1 1',
  '[]{}',
  '{}{}',
  '[1]x',
  '*',
  '<null>',
  '<.>',
  '\u00a01',
  '\u000c1',
  '\u20601',
  '\ufeff1',
  '\\',
  '',
  '@',
];

export const JSON_CASES: readonly JsonCase[] = [
  ...NUMBERS_READ.split(' ').map((text) => read('number', text)),
  ...NUMBERS_REFUSED.split(' ').map((text) => malformed('number', text)),
  ...STRINGS_READ.map((text) => read('string', text)),
  ...STRINGS_REFUSED.map((text) => malformed('string', text)),
  ...SURROGATES.map(
    (text) => ({ name: 'half of a pair', text: `"${text}"`, rule: 'invalid_unicode' }) as const,
  ),
  ...STRUCTURES_READ.map((text) => read('structure', text)),
  ...STRUCTURES_REFUSED.map((text) => malformed('structure', text)),
  { name: 'a key twice', text: '{"a":1,"a":1}', rule: 'duplicate_key' },
  { name: 'a key twice, once in disguise', text: '{"a":1,"\\u0061":2}', rule: 'duplicate_key' },
  { name: 'a key twice, empty', text: '{"":1,"":2}', rule: 'duplicate_key' },
  { name: 'deep arrays', text: '['.repeat(100) + ']'.repeat(100), rule: 'too_deep' },
  { name: 'deep arrays without an end', text: '['.repeat(100_000), rule: 'too_deep' },
  { name: 'deep objects', text: `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`, rule: 'too_deep' },
  bytes('a lone continuation byte', 0x81),
  bytes('a sequence that is cut off', 0xe0, 0xff),
  bytes('an overlong slash', 0xc0, 0xaf),
  bytes('an overlong zero, two bytes', 0xc0, 0x80),
  bytes('an overlong sequence of six', 0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf),
  bytes('an encoded surrogate', 0xed, 0xa0, 0x80),
  bytes('beyond Unicode', 0xf4, 0xbf, 0xbf, 0xbf),
  bytes('Latin-1', 0xe9),
  bytes('a byte that is never UTF-8', 0xff),
];
