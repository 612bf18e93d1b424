import { type GeneratedFile, textFile } from './generated-file.ts';
import { HELP_ARTICLES, type HelpArticle, type HelpSection } from './help-articles.ts';

export const HELP_FOLDER = 'data/seeds/help-center';

export function helpArticlePath(slug: string): string {
  return `${HELP_FOLDER}/${slug}.html`;
}

export function makeHelpCenter(): GeneratedFile[] {
  return HELP_ARTICLES.map((article) => textFile(helpArticlePath(article.slug), page(article)));
}

function page(article: HelpArticle): string {
  const links = article.seeAlso.map((slug) => {
    const title = HELP_ARTICLES.find((other) => other.slug === slug)?.title;
    if (title === undefined) throw new Error(`${article.slug} links to ${slug}, which does not exist`);
    return `        <li><a href="${slug}.html">${escapeHtml(title)}</a></li>`;
  });
  return `<!doctype html>
<html lang="${article.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="${escapeHtml(article.summary)}">
    <title>${escapeHtml(article.title)}</title>
  </head>
  <body>
    <header>
      <p><a href="https://help.northstar.example/">Northstar Help</a></p>
    </header>
    <main>
      <h1>${escapeHtml(article.title)}</h1>
      <p>${escapeHtml(article.summary)}</p>
${article.sections.map(section).join('\n')}
    </main>
    <nav aria-label="${article.language === 'de' ? 'Siehe auch' : 'See also'}">
      <ul>
${links.join('\n')}
      </ul>
    </nav>
  </body>
</html>
`;
}

function section({ heading, text, steps }: HelpSection): string {
  const list = (steps ?? []).map((step) => `          <li>${escapeHtml(step)}</li>`).join('\n');
  return `      <section>
        <h2>${escapeHtml(heading)}</h2>
        <p>${escapeHtml(text)}</p>${list === '' ? '' : `\n        <ol>\n${list}\n        </ol>`}
      </section>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
