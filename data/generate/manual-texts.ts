import { twelveHex } from './generated-file.ts';

export interface ManualPage {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

export interface Manual {
  readonly slug: string;
  readonly title: string;
  readonly version: string;
  /** ISO day on which this revision was issued. */
  readonly issued: string;
  /** The title page comes on top of these. */
  readonly pages: readonly ManualPage[];
}

export function manualId(slug: string): string {
  return `doc:northstar_manuals:${twelveHex(`manuals/${slug}`)}`;
}

export const MANUALS: readonly Manual[] = [
  {
    slug: 'edge-gateway-installation',
    title: 'Edge Gateway: installation',
    version: '3.2',
    issued: '2026-02-16',
    pages: [
      {
        heading: '1 What is in the box',
        paragraphs: [
          'One gateway, one rail clip, one power supply with four plugs, one network cable of two metres, and this manual.',
          'Keep the packaging: the warranty covers transport in it only. The serial number is on the bottom and on the box.',
        ],
      },
      {
        heading: '2 Mounting and power',
        paragraphs: [
          'Mount the gateway upright with five centimetres of air above and below. It is made for 0 to 50 degrees Celsius and must not be covered.',
          'Connect the earth screw first. The supply takes 100 to 240 volts; from a battery bank use 24 volts on the two screw terminals instead.',
          'The status lamp turns white for ten seconds, then amber. If it stays dark, check the fuse beside the terminals (1 ampere, slow).',
        ],
      },
      {
        heading: '3 Ports and first contact',
        paragraphs: [
          'WAN leads to the internet. LAN 1 to 3 carry your machines, LAN 4 is for service and always answers on 192.168.94.1.',
          'Connect a notebook to LAN 4, open the local dashboard and enter the enrolment code from the box. The lamp turns green within two minutes.',
          'Code NEG-2107 means that outgoing port 443 is blocked; NEG-2110 that the enrolment code was used before.',
        ],
      },
    ],
  },
  {
    slug: 'workspace-administration',
    title: 'Workspace: administration',
    version: '8.4',
    issued: '2026-03-02',
    pages: [
      {
        heading: '1 Owners, administrators, members',
        paragraphs: [
          'An owner may do everything, closing the account included. Administrators look after people and settings, members work.',
          'Keep two owners at least, and one of them with a password that does not depend on your identity provider.',
        ],
      },
      {
        heading: '2 The audit log',
        paragraphs: [
          'Every change of a right, every removal and every export is written to the audit log with person, time and address.',
          'Entries are kept for thirteen months and can be exported as JSON, one entry a line. They cannot be changed or removed.',
        ],
      },
    ],
  },
  {
    slug: 'studio-quick-start',
    title: 'Studio: quick start',
    version: '2026.1',
    issued: '2026-01-19',
    pages: [
      {
        heading: 'From template to export',
        paragraphs: [
          'Choose a template, replace its pictures by dragging yours onto them, and edit the text in place.',
          'Export offers three presets: screen, print and archive. The export queue goes on while you edit the next document.',
        ],
      },
    ],
  },
];
