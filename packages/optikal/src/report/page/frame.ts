/** What every page of Optikal is framed by: one file, no script that runs, one style sheet that the policy allows by its hash, its figures as JSON. */
import { embeddedJson, html, type Markup, Markup as Raw } from './html.ts';
import { STYLE } from './style.ts';

/** The first bytes of every report: a file that begins so is ours to replace. */
export const REPORT_MARK = '<!doctype html>\n<!-- report written by optikal -->\n';

export interface PageParts {
  readonly title: string;
  /** The line above the title. */
  readonly kind: string;
  readonly head: readonly (Markup | null)[];
  readonly main: readonly Markup[];
  /** Words of the footer, before those on the embedded figures. */
  readonly made: string;
  /** The figures, embedded. */
  readonly figures: unknown;
}

/** `sha256`: base64 of the SHA-256 of a text. */
export function framed({ title, kind, head, main, made, figures }: PageParts, sha256: (text: string) => string): string {
  const policy = `default-src 'none'; style-src 'sha256-${sha256(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Raw(STYLE)}</style>
</head>
<body>
<header>
<p class="kind">${kind}</p>
<h1>${title}</h1>
${head}
</header>
<main>
${main}
</main>
<footer>${made} All figures of this page are in it as JSON, in the element <code>#optikal-report</code>.</footer>
<script type="application/json" id="optikal-report">${embeddedJson(figures)}</script>
</body>
</html>
`;
  return REPORT_MARK + page.text;
}
