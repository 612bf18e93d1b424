import { seededRandom } from '../data/generate/prng.ts';
import { CATEGORIES, CONTEXTS, EMOJI, IMPACTS, REQUESTS, TOPICS } from '../data/generate/ticket-phrases.ts';
import { GERMAN_TICKETS, JAPANESE_TICKETS } from '../data/generate/ticket-phrases-abroad.ts';
import { customers, PRODUCTS } from '../data/generate/world.ts';

/** What is written in many tickets, filled in and escaped for JSON beforehand. */
export interface PhrasePool {
  readonly stories: readonly PhraseStory[];
  /** Sentences that may follow any story, each with a blank before it. ASCII. */
  readonly remarks: readonly string[];
}

export interface PhraseStory {
  /** The members from `category` to `product_version`, with commas between and after them. */
  readonly about: string;
  readonly subject: string;
  readonly opening: string;
  readonly code: string;
  readonly tags: string;
  readonly ascii: boolean;
}

const STORIES = 2048;
/** One story in so many is told in another language or with an emoji. */
const FOREIGN_EVERY = 16;
const REMARKS = 256;

export function phrasePool(seed: number): PhrasePool {
  const random = seededRandom(`bench phrases ${seed}`);
  const accounts = customers(random);
  const fill = (text: string, known: { product: string; version: string; code: string }) => {
    const filling: Readonly<Record<string, string>> = {
      ...known,
      feature: random.pick(random.pick(PRODUCTS).features),
      site: random.pick(accounts.filter(({ language }) => language === 'en')).site,
      count: String(random.integer(2, 97)),
    };
    return escaped(text.replace(/\{(\w+)\}/g, (_, name: string) => filling[name] ?? name));
  };
  const stories = Array.from({ length: STORIES }, (_, index): PhraseStory => {
    const product = random.pick(PRODUCTS);
    const version = random.pick(product.versions);
    const code = `${product.codePrefix}-${random.integer(1001, 4999)}`;
    const known = { product: product.name, version, code };
    const foreign =
      index % FOREIGN_EVERY === 0 ? random.pick([...GERMAN_TICKETS, ...JAPANESE_TICKETS]) : null;
    const category = foreign?.category ?? random.pick(CATEGORIES);
    const topic = TOPICS[category];
    const at = random.integer(0, topic.subjects.length - 1);
    const ending = foreign === null ? '' : ` ${random.pick(EMOJI)}`;
    return {
      about: `"category":"${category}","product_line":"${product.line}","product_version":"${version}",`,
      subject: fill(foreign?.subject ?? topic.subjects[at] ?? '', known) + ending,
      opening: fill(foreign?.description ?? topic.symptoms[at] ?? '', known),
      code,
      tags: JSON.stringify(topic.tags.filter(() => random.chance(0.7))),
      ascii: foreign === null,
    };
  });
  const remarks = Array.from({ length: REMARKS }, () => {
    const known = { product: 'Workspace', version: '8.4.1', code: `NSW-${random.integer(1001, 4999)}` };
    return ` ${fill(random.pick([...CONTEXTS, ...IMPACTS, ...REQUESTS]), known)}`;
  });
  return { stories, remarks };
}

/** As it stands between the quotes of a JSON string. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
