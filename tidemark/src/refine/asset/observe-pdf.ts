import type { Limits } from '../../model/limits.ts';
import type { Observation, ObservationFinding } from './observation.ts';
import type { PieceReader } from './piece-reader.ts';
import { shortTitle } from './short-title.ts';

type PdfFacts = Pick<Observation, 'pageCount' | 'title' | 'documentLanguage' | 'findings'>;

/**
 * Pages, title and language of a PDF. Only the byte ranges that the page tree needs are read. A file that is encrypted
 * or broken gives a finding.
 */
export async function observePdf({
  file,
  limits,
}: {
  file: PieceReader;
  limits: Pick<Limits, 'documentBytesMax'>;
}): Promise<PdfFacts> {
  if (file.sizeBytes > limits.documentBytesMax) {
    return nothing({
      rule: 'document_too_large',
      message: `Pages were not counted: ${file.sizeBytes} bytes, the limit is ${limits.documentBytesMax}.`,
    });
  }
  const { getResolvedPDFJS } = await import('unpdf');
  const pdfjs = await getResolvedPDFJS();
  const failure = Promise.withResolvers<never>();
  const range = new pdfjs.PDFDataRangeTransport(file.sizeBytes, null);
  range.requestDataRange = (begin: number, end: number) => {
    file.read(begin, end - begin).then((piece) => range.onDataRange(begin, piece), failure.reject);
  };
  const task = pdfjs.getDocument({
    range,
    disableAutoFetch: true,
    disableStream: true,
    useSystemFonts: false,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  const facts = factsOf(task.promise).catch((error: Error) => nothing(findingOf(error)));
  try {
    return await Promise.race([facts, failure.promise]);
  } finally {
    await task.destroy();
  }
}

interface PdfDocument {
  readonly numPages: number;
  getMetadata(): Promise<{ info: object }>;
}

async function factsOf(loading: Promise<PdfDocument>): Promise<PdfFacts> {
  const document = await loading;
  // Damaged metadata does not take the pages away.
  const { info } = await document.getMetadata().catch(() => ({ info: {} }));
  const { Title, Language } = info as Readonly<Record<string, unknown>>;
  if (document.numPages < 1) return nothing({ rule: 'pdf_unreadable', message: 'It has no page.' });
  return {
    pageCount: document.numPages,
    title: shortTitle(Title),
    documentLanguage: typeof Language === 'string' ? Language : null,
    findings: [],
  };
}

function findingOf(error: Error): ObservationFinding {
  if (error.name === 'PasswordException') {
    return { rule: 'pdf_encrypted', message: 'Pages were not counted: the PDF opens with a password only.' };
  }
  if (error.name === 'InvalidPDFException') {
    return { rule: 'pdf_unreadable', message: `No reader can find its pages: ${error.message}` };
  }
  return { rule: 'pdf_not_examined', message: `Pages were not counted: ${error.message}` };
}

function nothing(finding: ObservationFinding): PdfFacts {
  return { pageCount: null, title: null, documentLanguage: null, findings: [finding] };
}
