import { twelveHex } from './generated-file.ts';

export interface HelpSection {
  readonly heading: string;
  readonly text: string;
  readonly steps?: readonly string[];
}

export interface HelpArticle {
  readonly slug: string;
  readonly language: string;
  readonly title: string;
  readonly summary: string;
  readonly sections: readonly HelpSection[];
  /** Slugs of other articles. */
  readonly seeAlso: readonly string[];
}

export function helpArticleId(slug: string): string {
  return `doc:northstar_help:${twelveHex(`help/${slug}`)}`;
}

export const HELP_ARTICLES: readonly HelpArticle[] = [
  {
    slug: 'single-sign-on',
    language: 'en',
    title: 'Set up single sign-on for Workspace',
    summary:
      'Connect Workspace to your identity provider, so that people sign in with the account they already have.',
    sections: [
      {
        heading: 'Before you begin',
        text: 'You need an owner account in Workspace and the right to register an application with your identity provider. Keep one owner account with a password: it is your way back in.',
      },
      {
        heading: 'Connect the provider',
        text: 'Workspace speaks SAML 2.0 and OpenID Connect. The steps are the same for both.',
        steps: [
          'Open Administration, then Sign-in, and choose Add provider.',
          'Copy the reply address into the registration at your provider.',
          'Upload the metadata file or paste the issuer address.',
          'Choose Test sign-in. Nothing changes for others until the test has passed.',
          'Switch the provider on for one team first, then for everyone.',
        ],
      },
      {
        heading: 'When the certificate is renewed',
        text: 'Upload the new certificate beside the old one a day before the change. With only the old one in place people are sent back to the sign-in page with NSW-4012.',
      },
    ],
    seeAlso: ['reset-second-factor', 'faq-accounts'],
  },
  {
    slug: 'reset-second-factor',
    language: 'en',
    title: 'Reset a lost second factor',
    summary: 'What to do when a phone is lost, replaced or shows codes that are refused.',
    sections: [
      {
        heading: 'Codes are refused',
        text: 'Most refused codes come from a clock that is wrong by more than a minute. Set the phone to network time and try the next code, not the same one again.',
      },
      {
        heading: 'The phone is gone',
        text: 'An administrator can remove the factor; the next sign-in asks for a new one.',
        steps: [
          'Verify by another channel that the request is genuine.',
          'Open Administration, People, and choose the person.',
          'Choose Remove second factor and give the reason; it is written to the audit log.',
        ],
      },
    ],
    seeAlso: ['single-sign-on', 'faq-accounts'],
  },
  {
    slug: 'edge-gateway-offline',
    language: 'en',
    title: 'An Edge Gateway is shown as offline',
    summary: 'Find out within five minutes whether the power, the line or the enrolment is to blame.',
    sections: [
      {
        heading: 'Look at the lamps',
        text: 'A steady green lamp means that the gateway is enrolled and connected. Amber, blinking slowly, means that it has a line but no enrolment. No lamp means no power.',
      },
      {
        heading: 'Check the line',
        text: 'The gateway needs outgoing connections only.',
        steps: [
          'Connect a notebook to port LAN 4 and open the local dashboard.',
          'Under Line, compare the address with what your provider gave you.',
          'Choose Test line. Code NEG-2107 stands for a blocked port 443.',
        ],
      },
      {
        heading: 'What is kept while it is offline',
        text: 'Measurements are buffered for 72 hours and sent in order once the line is back. After that the oldest hour is dropped first.',
      },
    ],
    seeAlso: ['faq-accounts'],
  },
  {
    slug: 'farbprofile-beim-export',
    language: 'de',
    title: 'Farbprofile beim Export aus Studio',
    summary: 'Warum Farben im Druck anders aussehen können und welche Einstellung dagegen hilft.',
    sections: [
      {
        heading: 'Welches Profil gehört wohin?',
        text: 'Für Bildschirme genügt sRGB. Für den Druck geben Druckereien das gewünschte Profil vor; fragen Sie im Zweifel nach, bevor Sie größere Mengen exportieren.',
      },
      {
        heading: 'Profil einbetten',
        text: 'Eingebettete Profile vergrößern die Datei nur unwesentlich.',
        steps: [
          'Öffnen Sie Datei, Exportieren, Farbe.',
          'Wählen Sie das Zielprofil und „Profil einbetten“.',
          'Prüfen Sie die Vorschau: Geänderte Töne werden schraffiert gezeigt.',
        ],
      },
    ],
    seeAlso: ['faq-accounts'],
  },
  {
    slug: 'faq-accounts',
    language: 'en',
    title: 'Frequently asked: accounts and invoices',
    summary: 'Short answers to what the support desk is asked every week.',
    sections: [
      {
        heading: 'Why does the invoice list more seats than we use?',
        text: 'A seat counts from the day it is invited, not from the first sign-in. Withdraw invitations that nobody took up.',
      },
      {
        heading: 'Can two people share an account?',
        text: 'No: the audit log would name the wrong person. Guests are free of charge and may be invited instead.',
      },
      {
        heading: 'How long are deleted files kept?',
        text: 'Thirty days in the bin of the team, then another seven in the vault of the administrators.',
      },
    ],
    seeAlso: ['single-sign-on', 'reset-second-factor'],
  },
];

export const HELP_ARTICLE_IDS = HELP_ARTICLES.map(({ slug }) => helpArticleId(slug));
