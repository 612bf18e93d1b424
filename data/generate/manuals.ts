import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib';
import type { GeneratedFile } from './generated-file.ts';
import { MANUALS, type Manual } from './manual-texts.ts';

export const MANUAL_FOLDER = 'data/seeds/manuals';
const A4: [number, number] = [595.28, 841.89];
const MARGIN = 64;
const BODY = { size: 11, leading: 16 };
const INK = rgb(0.12, 0.16, 0.22);
const ACCENT = rgb(0.05, 0.42, 0.55);

interface Fonts {
  readonly body: PDFFont;
  readonly bold: PDFFont;
}

export function manualPath(slug: string): string {
  return `${MANUAL_FOLDER}/${slug}.pdf`;
}

export async function makeManuals(): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const manual of MANUALS) files.push({ path: manualPath(manual.slug), bytes: await writePdf(manual) });
  return files;
}

/** All dates are the day of issue and the document has no random id, so the bytes depend on the text alone. */
async function writePdf(manual: Manual): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false });
  const issued = new Date(`${manual.issued}T09:00:00Z`);
  document.setTitle(manual.title);
  document.setAuthor('Northstar documentation');
  document.setSubject(`Version ${manual.version}`);
  document.setLanguage('en');
  document.setCreationDate(issued);
  document.setModificationDate(issued);
  const fonts = {
    body: await document.embedFont(StandardFonts.Helvetica),
    bold: await document.embedFont(StandardFonts.HelveticaBold),
  };
  drawTitlePage(document.addPage(A4), { manual, fonts });
  manual.pages.forEach((content, index) => {
    const page = document.addPage(A4);
    page.drawText(content.heading, { x: MARGIN, y: A4[1] - 96, size: 18, font: fonts.bold, color: ACCENT });
    drawParagraphs(page, { paragraphs: content.paragraphs, font: fonts.body, top: A4[1] - 136 });
    const foot = `${manual.title}, version ${manual.version}`;
    page.drawText(foot, { x: MARGIN, y: 40, size: 9, font: fonts.body, color: INK });
    page.drawText(String(index + 2), { x: A4[0] - MARGIN, y: 40, size: 9, font: fonts.body, color: INK });
  });
  return document.save();
}

function drawTitlePage(page: PDFPage, { manual, fonts }: { manual: Manual; fonts: Fonts }): void {
  page.drawRectangle({ x: 0, y: A4[1] - 220, width: A4[0], height: 220, color: ACCENT });
  page.drawText('NORTHSTAR', { x: MARGIN, y: A4[1] - 110, size: 14, font: fonts.bold, color: rgb(1, 1, 1) });
  page.drawText(manual.title, { x: MARGIN, y: A4[1] - 160, size: 28, font: fonts.bold, color: rgb(1, 1, 1) });
  const issue = `Version ${manual.version}, issued ${manual.issued}`;
  page.drawText(issue, { x: MARGIN, y: A4[1] - 260, size: 12, font: fonts.body, color: INK });
  const contents = manual.pages.map(({ heading }, index) => `${heading}, page ${index + 2}`);
  drawParagraphs(page, { paragraphs: contents, font: fonts.body, top: A4[1] - 320 });
}

function drawParagraphs(
  page: PDFPage,
  { paragraphs, font, top }: { paragraphs: readonly string[]; font: PDFFont; top: number },
): void {
  let y = top;
  for (const paragraph of paragraphs) {
    for (const line of wrap(paragraph, font)) {
      page.drawText(line, { x: MARGIN, y, size: BODY.size, font, color: INK });
      y -= BODY.leading;
    }
    y -= BODY.leading / 2;
  }
}

function wrap(paragraph: string, font: PDFFont): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (font.widthOfTextAtSize(longer, BODY.size) <= A4[0] - 2 * MARGIN) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
