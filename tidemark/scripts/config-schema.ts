// Generates schemas/tidemark.schema.json, which editors check tidemark.yaml by; with --check it only compares.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMPRESSION_NAMES, ENCODINGS, FORMATS } from '../src/model/declared-format.ts';
import { DEFAULT_LIMITS, LIMIT_CEILINGS, type Limits } from '../src/model/limits.ts';
import { CURSOR_CLOCKS, NULL_CURSORS, WRITE_MODES } from '../src/model/manifest-settings.ts';
import { UNIQUENESS } from '../src/model/uniqueness.ts';

const limitsSource = fileURLToPath(new URL('../src/model/limits.ts', import.meta.url));
const target = fileURLToPath(new URL('../schemas/tidemark.schema.json', import.meta.url));

/** Depend on the machine. */
const WITHOUT_DEFAULT: ReadonlySet<string> = new Set(['refineWorkersMax']);

const folder = (description: string, byDefault: string) => ({
  type: 'string',
  minLength: 1,
  description,
  default: byDefault,
});
const duration = { type: 'string', pattern: '^P?T?(\\d+[wWdDhHmMsS]T?)+$' };
const reference = { type: 'string', pattern: '\\$\\{(env|file):[^}]*\\}' };
const map = (description: string, values: object) => ({
  type: 'object',
  description,
  additionalProperties: values,
});
const closed = (description: string, properties: object) => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
});

const storeUrl = { type: 'string', pattern: '^(s3://[a-z0-9]|\\$\\{)', description: 's3://bucket/prefix' };

const s3 = (description: string, url: object) => ({
  ...closed(description, {
    url,
    endpoint: { type: 'string', pattern: '^(https?://|\\$\\{)' },
    region: { type: 'string', minLength: 1, description: 'With an endpoint us-east-1 by default.' },
    path_style: {
      type: 'boolean',
      description: 'Whether the bucket stands in the path; with an endpoint true by default.',
    },
    checksums: { enum: ['when_supported', 'when_required'], default: 'when_supported' },
    access_key_id: { type: 'string', minLength: 1 },
    secret_access_key: reference,
    session_token: reference,
  }),
  required: ['url'],
  dependentRequired: { access_key_id: ['secret_access_key'], secret_access_key: ['access_key_id'] },
});

const parameter = { type: 'string', minLength: 1 };
const paging = (kind: string, required: readonly string[], properties: object) => ({
  type: 'object',
  additionalProperties: false,
  required: ['kind', ...required],
  properties: { kind: { const: kind }, ...properties },
});

const credential = {
  description: 'What an origin is asked with; every secret by reference.',
  oneOf: [
    { type: 'object', additionalProperties: false, required: ['bearer'], properties: { bearer: reference } },
    { type: 'object', additionalProperties: false, required: ['basic'], properties: { basic: reference } },
    {
      type: 'object',
      additionalProperties: false,
      required: ['headers'],
      properties: { headers: { type: 'object', additionalProperties: reference } },
    },
  ],
};

const mark = (description: string) => ({ type: 'string', pattern: '^[\\t\\x20-\\x7e]$', description });
const format = closed('One source.', {
  format: { enum: FORMATS, description: 'Else by its name and its first bytes.' },
  compression: { enum: COMPRESSION_NAMES, description: 'Else by its name and its first bytes.' },
  member: {
    type: 'string',
    description: 'Of a zip archive: the member with the records, or a pattern; else its only file.',
  },
  binary: {
    enum: ['base64'],
    description: 'Of Parquet: how bytes come in; else a column of them refuses the file.',
  },
  zone: {
    enum: ['utc'],
    description: 'Of Parquet: what times without a zone are in; else they come without one.',
  },
  nanoseconds: {
    enum: ['truncate'],
    description:
      'Of Parquet: columns that cannot be read beyond microseconds are cut; else they refuse the file.',
  },
  encoding: { enum: ENCODINGS, description: 'Else UTF-8, or UTF-16 by its byte order mark.' },
  delimiter: mark('Between fields; else the one under which the first row names columns of the contract.'),
  quote: {
    type: 'string',
    pattern: '^[\\t\\x20-\\x7e]?$',
    default: '"',
    description: 'Around fields; empty for none.',
  },
  escape: mark('In front of a quote within quotes; else it is doubled.'),
  header: { type: 'boolean', default: true, description: 'Whether the first row names the columns.' },
  columns: {
    type: 'array',
    minItems: 1,
    items: { type: 'string' },
    description: 'The properties that the fields of a row are.',
  },
  pointer: {
    type: 'string',
    pattern: '^(/[^/]*)*$',
    default: '',
    description: 'Where the array of a JSON document is, such as /data/items.',
  },
  null: {
    type: ['string', 'null', 'number', 'boolean'],
    default: '',
    description: 'What an unquoted field says that is no value.',
  },
});

const FIELDS = {
  home: folder('Everything that Tidemark keeps.', '.tidemark'),
  manifests: folder('Where manifests are.', 'data/seed_manifests'),
  contracts: folder('Where contracts are.', 'contracts/data'),
  fixtures: folder('Where fixtures of contracts are.', 'contracts/fixtures'),
  catalog: {
    type: 'string',
    pattern: '^(postgres(ql)?://|\\$\\{)',
    description: 'The database that holds the catalog; without it a file of the home does.',
  },
  store: {
    description: 'Where durable files are; without it in the home.',
    oneOf: [storeUrl, s3('An S3 other than Amazon’s, or one with keys of its own.', storeUrl)],
  },
  tables: map(
    'By table.',
    closed('One table.', {
      partition_by: {
        type: 'array',
        items: { type: 'string' },
        description: 'Such as ["day(created_at)"].',
      },
      unique: {
        enum: [...UNIQUENESS],
        description: 'What may come once alone: a business key, or a version of one.',
      },
    }),
  ),
  manifest_settings: map(
    'By manifest_id.',
    closed('What is expected of one manifest.', {
      cadence: { ...duration, description: 'How often new data is due.' },
      lateness: { ...duration, description: 'How late a record may come and still belong.' },
      lookback: {
        anyOf: [duration, { type: 'integer', minimum: 0 }],
        description: 'How far behind its cursor an incremental run reads again.',
      },
      null_cursor: {
        enum: [...NULL_CURSORS],
        description: 'What becomes of a valid record that its cursor field gives no place in the order.',
      },
      cursor_clock: {
        enum: [...CURSOR_CLOCKS],
        description: 'Who gives the values of the cursor field of a table of a database.',
      },
      partitions: {
        anyOf: [{ enum: ['daily', 'hourly'] }, duration],
        description: 'The grid of `tidemark partitions`.',
        default: 'daily',
      },
      write_mode: {
        enum: [...WRITE_MODES],
        default: 'append',
        description: 'Whether the newest record of each business key is kept in a table beside Bronze.',
      },
      formats: map('How the records of a source are written, by source_id.', format),
    }),
  ),
  maintenance: closed('What runs do to tables by themselves.', {
    automatic: { type: 'boolean', default: true, description: 'Whether a run maintains what it moved.' },
  }),
  foreign_snapshots: {
    enum: ['refuse', 'warn', 'adopt'],
    default: 'refuse',
    description: 'What a run does where another engine wrote to a table last.',
  },
  http: closed('How sources are read that are URLs.', {
    allow_private: {
      type: 'array',
      items: { type: 'string' },
      description: 'Hosts, host:port, addresses and networks that may be read though they are not public.',
    },
    credentials: map('By origin, such as https://api.example.com.', credential),
  }),
  apis: map('What servers give page by page, by the name that manifests give it.', {
    ...closed('One list.', {
      url: { type: 'string', pattern: '^https?://', description: 'Of the first page, without a credential.' },
      records: {
        type: 'string',
        pattern: '^(/.*)?$',
        description: 'JSON pointer to the list in a page; empty where the page is the list.',
        default: '',
      },
      since: {
        type: 'string',
        minLength: 1,
        description: 'The parameter that says from where on records are wanted.',
      },
      paging: {
        description: 'How the next page is found; without it there is one.',
        oneOf: [
          paging('page', ['parameter'], { parameter, first: { type: 'integer', minimum: 0, default: 1 } }),
          paging('offset', ['parameter'], { parameter }),
          paging('cursor', ['next'], { parameter, next: { type: 'string', pattern: '^/' } }),
          paging('link', [], {}),
        ],
      },
    }),
    required: ['url'],
  }),
  connections: map('Databases and places in S3, by the name that manifests or messages give them.', {
    oneOf: [
      {
        ...closed('One PostgreSQL or MySQL database.', {
          url: {
            type: 'string',
            pattern: '^([pP][oO][sS][tT][gG][rR][eE][sS]([qQ][lL])?|[mM][yY][sS][qQ][lL])://',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
            description: 'Such as postgres://reader:${env:PASSWORD}@host/name, or mysql://….',
          },
          queries: map('Queries by the name that manifests give them.', {
            type: 'string',
            pattern: '\\S',
            description: 'SQL of one SELECT.',
          }),
          row_security: {
            enum: ['refuse', 'accept'],
            default: 'refuse',
            description: 'Of PostgreSQL: whether to read where row-level security hides rows from the role.',
          },
        }),
        required: ['url'],
      },
      s3('A bucket, or a prefix of one, that manifests may name objects of.', {
        type: 'string',
        pattern: '^s3://[a-z0-9]',
        description: 'Such as s3://bucket/prefix.',
      }),
    ],
  }),
  sources: map('Sources of the project’s own by the name that manifests give them.', {
    type: 'string',
    minLength: 1,
    description: 'A module whose default export is a source of rows, such as ./sources/crm.ts.',
  }),
  singer: map('Singer taps by the name that manifests give them.', {
    ...closed('One tap.', {
      command: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        description: 'Program and arguments, run in the project root without a shell.',
      },
      config: {
        type: 'object',
        description: 'What the tap gets as its configuration; secrets by reference.',
      },
      catalog: {
        type: 'string',
        minLength: 1,
        description: 'Its catalog, a file; without it the tap is asked with --discover.',
      },
      env: map('Variables that it gets beside PATH, HOME and the locale.', { type: 'string', minLength: 1 }),
    }),
    required: ['command'],
  }),
};

/** The doc comments of the limits, by name. */
export function limitTexts(source: string): Map<string, string> {
  const found = source.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+): number;/g);
  return new Map(
    [...found].map(([, comment = '', name = '']) => [
      name,
      comment
        .split('\n')
        .map((line) => line.replace(/^\s*\* ?/, '').trim())
        .filter((line) => line !== '')
        .join(' '),
    ]),
  );
}

function limits(): object {
  const texts = limitTexts(readFileSync(limitsSource, 'utf8'));
  return closed(
    'Bounds of the engine; the unit ends the name.',
    Object.fromEntries(
      Object.entries(DEFAULT_LIMITS).map(([name, value]) => {
        const description = texts.get(name);
        const maximum = LIMIT_CEILINGS[name as keyof Limits];
        return [
          name,
          {
            type: 'integer',
            minimum: 1,
            ...(maximum !== undefined && { maximum }),
            ...(!WITHOUT_DEFAULT.has(name) && { default: value }),
            ...(description && { description }),
          },
        ];
      }),
    ),
  );
}

export function configSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:tidemark:schema:tidemark.yaml',
    title: 'tidemark.yaml',
    description: 'The settings of a Tidemark project. Every field may be left out.',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: { ...FIELDS, limits: limits() },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = JSON.stringify(configSchema(), null, 2);
  if (!process.argv.includes('--check')) writeFileSync(target, `${wanted}\n`);
  // The formatter of the house lays it out afterwards.
  else if (JSON.stringify(JSON.parse(readFileSync(target, 'utf8')), null, 2) !== wanted) {
    process.stderr.write(
      'schemas/tidemark.schema.json is not what the settings are. Next: npm run docs:config\n',
    );
    process.exitCode = 1;
  }
}
