import type { Random } from './prng.ts';

/** Northstar, the made-up software house whose support desk all samples come from. No person or firm is real. */
export interface Product {
  readonly line: 'northstar_workspace' | 'northstar_edge_gateway' | 'northstar_studio';
  readonly name: string;
  readonly codePrefix: string;
  readonly versions: readonly string[];
  readonly features: readonly string[];
}

export const PRODUCTS: readonly Product[] = [
  {
    line: 'northstar_workspace',
    name: 'Workspace',
    codePrefix: 'NSW',
    versions: ['8.2.0', '8.3.2', '8.4.0', '8.4.1'],
    features: [
      'shared calendar',
      'file sync',
      'team spaces',
      'mobile app',
      'guest access',
      'full-text search',
    ],
  },
  {
    line: 'northstar_edge_gateway',
    name: 'Edge Gateway',
    codePrefix: 'NEG',
    versions: ['3.0.7', '3.1.4', '3.2.0', '3.2.1-rc2'],
    features: [
      'VPN tunnel',
      'WAN failover',
      'device enrolment',
      'firmware channel',
      'Modbus bridge',
      'local dashboard',
    ],
  },
  {
    line: 'northstar_studio',
    name: 'Studio',
    codePrefix: 'NST',
    versions: ['2025.4', '2026.1', '2026.1.1'],
    features: [
      'export queue',
      'colour profiles',
      'template library',
      'render farm',
      'font manager',
      'review links',
    ],
  },
];

export interface Customer {
  readonly customerId: string;
  readonly orgId: string;
  readonly language: 'en' | 'de' | 'ja';
  readonly slaTier: 'enterprise' | 'professional' | 'standard' | 'free';
  /** Where the customer works, as it may be named in a ticket. */
  readonly site: string;
}

const SITES = {
  en: [
    'the Leeds office',
    'plant 4',
    'the Toronto hub',
    'our Dublin branch',
    'the Austin lab',
    'warehouse B',
  ],
  de: ['im Werk Göttingen', 'am Standort München', 'in der Filiale Zürich', 'im Lager Köln'],
  ja: ['大阪支店', '横浜工場', '札幌オフィス'],
} as const;

/** A fixed set of accounts, so that the same ones come back with other tickets. */
export function customers(random: Random): readonly Customer[] {
  return Array.from({ length: 64 }, (_, index): Customer => {
    const language = random.pick(['en', 'en', 'en', 'en', 'en', 'en', 'en', 'de', 'de', 'ja'] as const);
    return {
      customerId: `CUST-${String(1000 + index * 7).padStart(5, '0')}`,
      orgId: `ORG-${String(10 + Math.floor(index / 3)).padStart(4, '0')}`,
      language,
      slaTier: random.pick(['enterprise', 'professional', 'professional', 'standard', 'standard', 'free']),
      site: random.pick(SITES[language]),
    };
  });
}

export const AGENTS = [
  'AGT-003',
  'AGT-007',
  'AGT-011',
  'AGT-014',
  'AGT-019',
  'AGT-022',
  'AGT-030',
  'AGT-041',
];
