/** The page of a report: its head, its sections and its pictures, in the frame of every page. */
import { isMissing } from '../figures/part.ts';
import { groupsCard } from '../pictures/groups.ts';
import type { ProtocolReport, Report } from '../report.ts';
import { type Section, sectionsOf } from './figures.ts';
import { framed } from './frame.ts';
import { KIND, leadOf, tilesOf, titleOf } from './head.ts';
import { html, type Markup } from './html.ts';
import { shortHash, three } from './words.ts';

/** `sha256`: base64 of the SHA-256 of a text. */
export function reportPage(report: Report, sha256: (text: string) => string): string {
  const title = titleOf(report);
  const parts =
    report.kind === 'protocol'
      ? report.runs.map((run) => runOf(report, run))
      : [{ heading: null, tiles: tilesOf(report), sections: sectionsOf(report, '') }];
  return framed(
    {
      title,
      kind: `Optikal · ${KIND[report.kind]} · ${report.source}`,
      head: [
        ...leadOf(report),
        report.kind === 'protocol' ? permuted(report) : null,
        html`<nav aria-label="sections">${parts.map(({ heading, sections }) => html`<ul class="nav">${heading === null ? null : html`<li>${heading}:</li>`}${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul>`)}</nav>`,
      ],
      main: parts.map(
        ({ heading, tiles, sections }) => html`${heading === null ? null : html`<h2>${heading}</h2>`}${tiles}
${sections.map(sectionOf)}`,
      ),
      made: made(report),
      figures: report,
    },
    sha256,
  );
}

function runOf(report: ProtocolReport, run: ProtocolReport['runs'][number]) {
  const prefix = `${run.leave}-`;
  const groups: Section = { id: `${prefix}groups`, title: `Each ${run.leave}`, rows: [[groupsCard(`${prefix}groups-picture`, run)]] };
  const several = report.runs.length > 1;
  return {
    heading: several ? `One ${run.leave} left out` : null,
    tiles: tilesOf(run.figures),
    sections: [groups, ...sectionsOf(run.figures, prefix)],
  };
}

function permuted({ permuted: found }: ProtocolReport): Markup {
  return found === null
    ? html`<p class="note">Permuted labels were not asked for: <code>--permutations 20</code> shows what this protocol finds where there is nothing to find.</p>`
    : html`<p class="note">Where labels are permuted within groups, so that there is nothing to find, the same protocol (one suite left out) finds an AUROC of ${three(found.mean)}, mean of ${found.permutations}.</p>`;
}

function sectionOf({ id, title, rows }: Section): Markup {
  return html`<section id="${id}"><h2>${title}</h2>${rows.map((cards) => html`<div class="cards">${cards}</div>`)}</section>
`;
}

function made(report: Report): string {
  if (report.kind === 'protocol') return `Seed ${report.seed}.`;
  const group =
    isMissing(report.measured) || report.measured.auroc.interval === null
      ? ''
      : ' Intervals are bootstrapped over whole groups (agents, or model and suite).';
  return `Bundle ${shortHash(report.fingerprint)}….${group}`;
}
