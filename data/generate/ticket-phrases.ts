/** What customers write about, by category. `{…}` is filled in: product, feature, version, site, code, count. */
export interface Topic {
  readonly subjects: readonly string[];
  readonly symptoms: readonly string[];
  readonly tags: readonly string[];
}

export const TOPICS = {
  installation: {
    subjects: [
      '{product} {version} installer stops at {count}%',
      'Upgrade to {version} leaves the {feature} out',
    ],
    symptoms: [
      'The setup ran through the checks and then stopped at {count}% without a message; the log ends with {code}.',
      'After the upgrade from the previous release the {feature} is no longer listed among the components.',
    ],
    tags: ['setup', 'upgrade'],
  },
  configuration: {
    subjects: [
      'Settings of the {feature} are lost after a restart',
      'How to limit the {feature} to one group?',
    ],
    symptoms: [
      'Whatever we set for the {feature} is back to the default after the nightly restart.',
      'We would like {count} of our people to keep the {feature} and everyone else to lose it.',
    ],
    tags: ['settings', 'policy'],
  },
  connectivity: {
    subjects: ['{feature} drops every {count} minutes', '{product} unreachable from {site}'],
    symptoms: [
      'Since the change of provider at {site} the {feature} drops about every {count} minutes and comes back alone.',
      'From {site} the service answers to ping but the client reports {code}.',
    ],
    tags: ['network', 'timeout'],
  },
  authentication: {
    subjects: ['Sign-in loop after the certificate was renewed', 'Second factor refused for {count} users'],
    symptoms: [
      'Since the certificate was renewed everyone is sent back to the sign-in page, with {code} in the address.',
      'The one-time code is refused for {count} users; their phones show the right time.',
    ],
    tags: ['sso', 'mfa'],
  },
  billing: {
    subjects: ['Invoice shows {count} seats too many', 'Renewal was charged twice'],
    symptoms: [
      'The invoice of this month lists {count} seats more than the console does.',
      'Our card statement shows the renewal twice, on the same day and with the same amount.',
    ],
    tags: ['invoice', 'renewal'],
  },
  feature_request: {
    subjects: ['Please let us sort the {feature} by owner', 'Keyboard shortcut for the {feature}'],
    symptoms: [
      'With more than {count} entries the {feature} is hard to use without sorting by owner.',
      'Our editors open the {feature} all day long; a shortcut would spare them the menu.',
    ],
    tags: ['idea'],
  },
  bug_report: {
    subjects: [
      '{feature} shows the wrong day for tasks after midnight',
      '{code} when the name contains an apostrophe',
    ],
    symptoms: [
      'Entries made after midnight appear on the day before in the {feature}, other views are right.',
      'As soon as a name contains an apostrophe the {feature} answers with {code}; without it all is well.',
    ],
    tags: ['regression', 'reproducible'],
  },
  documentation: {
    subjects: ['Manual of {version} describes menus that are gone', 'Missing page about the {feature}'],
    symptoms: [
      'Chapter {count} explains a menu that {version} no longer has.',
      'The help article on the {feature} links to a page that does not exist.',
    ],
    tags: ['docs'],
  },
  performance: {
    subjects: ['{feature} takes {count} seconds to open', '{product} slow on Monday mornings'],
    symptoms: [
      'Opening the {feature} takes {count} seconds since {version}; it used to be instant.',
      'Between eight and nine the {feature} queues up, processors stand at {count}% and memory is free.',
    ],
    tags: ['slow', 'capacity'],
  },
  security: {
    subjects: ['Scanner reports an old TLS version on the {feature}', 'Guest could open a private folder'],
    symptoms: [
      'Our scanner found that the {feature} still accepts TLS 1.1 on one port.',
      'A guest account of {site} could list a folder that was never shared with it.',
    ],
    tags: ['audit', 'tls'],
  },
  other: {
    subjects: ['Question about the webinar on the {feature}', 'Wrong time zone in your maintenance notice'],
    symptoms: [
      'Is there a recording of the webinar on the {feature}? {count} of us could not attend.',
      'The maintenance notice gave a time without its zone, so we were not sure when to stop work.',
    ],
    tags: ['question'],
  },
} as const satisfies Record<string, Topic>;

export type Category = keyof typeof TOPICS;
export const CATEGORIES = Object.keys(TOPICS) as readonly Category[];

export const CONTEXTS = [
  'It began on Tuesday after the maintenance window.',
  'Both the browser and the desktop client are affected.',
  'We could reproduce it on a fresh machine.',
  'Nothing was changed on our side that week.',
  'The same steps work in the test tenant.',
  'Restarting helps for about an hour.',
  'A colleague of {site} sees it too.',
  'The log bundle is attached; the interesting part begins near {code}.',
];

export const IMPACTS = [
  'About {count} people cannot work properly.',
  'There is a workaround, so it can wait until next week.',
  'The monthly closing depends on it.',
  'Production at {site} is running on the backup line.',
  'So far it is only a nuisance.',
  'We have to explain it to our auditors on Friday.',
];

export const REQUESTS = [
  'Please tell us which log you need.',
  'Is there a fix planned for the next release?',
  'Could someone have a look before the weekend?',
  'A pointer to the right page would be enough.',
  'Please call back, the office is staffed until six.',
];

export const EMOJI = ['🙏', '🚨', '🤷‍♀️', '🎉', '☕', '👩🏽‍💻'];
