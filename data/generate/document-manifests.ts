import { HELP_ARTICLES, helpArticleId } from './help-articles.ts';
import { helpArticlePath } from './help-center.ts';
import { PORTS_DIAGRAM } from './images.ts';
import type { ManifestDraft, Measure } from './manifest-draft.ts';
import { MANUALS, manualId } from './manual-texts.ts';
import { manualPath } from './manuals.ts';

export function helpCenterManifest(measure: Measure): ManifestDraft {
  return {
    name: 'help_center_html.json',
    manifest: {
      manifest_id: 'manifest-help-center-html-20260330-001',
      schema_version: 'source_manifest_v1',
      batch_id: 'batch-help-2026w14',
      modality: 'document',
      source_type: 'help_center',
      product_line: 'cross_product',
      license_tag: 'course_synthetic',
      contract_ref: 'omni://contracts/data/doc_asset/v1',
      load_mode: 'full_snapshot',
      canonization_status: 'canonized',
      assets: HELP_ARTICLES.map((article) => {
        const faq = article.slug.startsWith('faq-');
        return {
          source_id: helpArticleId(article.slug),
          source_url_or_path: helpArticlePath(article.slug),
          asset_type: faq ? 'faq' : 'html',
          ...measure(helpArticlePath(article.slug)),
          language: article.language,
          metadata_status: faq ? 'partial' : 'complete',
          pii_scan_status: 'not_applicable',
          notes: faq
            ? `${article.title}. Nobody has reviewed it since the move, so its metadata is partial.`
            : article.title,
        };
      }),
      ingest_config: { parser: 'auto', chunk_size: 800, chunk_overlap: 80, pii_scan: false },
      notes:
        'The public help center as HTML, one article a file. Ids come from the article name and stay when the text is revised.',
      created_at: '2026-03-30T06:00:00Z',
      owner: 'docs-team',
    },
  };
}

export function manualsManifest(measure: Measure): ManifestDraft {
  const manuals = MANUALS.map((manual) => {
    const measured = measure(manualPath(manual.slug));
    const unsigned = manual.slug === 'studio-quick-start';
    return {
      source_id: manualId(manual.slug),
      source_url_or_path: manualPath(manual.slug),
      asset_type: 'pdf',
      size_bytes: measured.size_bytes,
      ...(unsigned ? {} : { checksum_sha256: measured.checksum_sha256 }),
      language: 'en',
      metadata_status: 'complete',
      pii_scan_status: 'not_applicable',
      notes: `${manual.title}, version ${manual.version}.${unsigned ? ' Came by mail without a checksum.' : ''}`,
    } as const;
  });
  return {
    name: 'manuals_pdf.json',
    manifest: {
      manifest_id: 'manifest-manuals-pdf-20260330-001',
      schema_version: 'source_manifest_v1',
      batch_id: 'batch-manuals-2026w14',
      modality: 'document',
      source_type: 'pdf_manual',
      product_line: 'cross_product',
      license_tag: 'course_synthetic',
      contract_ref: 'omni://contracts/data/doc_asset/v1',
      load_mode: 'full_snapshot',
      canonization_status: 'raw',
      assets: [
        ...manuals,
        {
          source_id: manualId('edge-gateway-ports'),
          source_url_or_path: PORTS_DIAGRAM.imagePath,
          asset_type: 'image',
          ...measure(PORTS_DIAGRAM.imagePath),
          ocr_text_path: PORTS_DIAGRAM.ocrPath,
          language: 'en',
          metadata_status: 'complete',
          pii_scan_status: 'not_applicable',
          notes: 'Diagram of the installation manual; the text read from it lies beside it.',
        },
      ],
      ingest_config: { parser: 'pypdf', chunk_size: 1200, chunk_overlap: 120, pii_scan: false },
      notes:
        'Printed manuals as PDF and one diagram. The quick start has no checksum: it goes in with a warning.',
      created_at: '2026-03-30T06:30:00Z',
      owner: 'docs-team',
    },
  };
}
