/** The page of the rows protocols: one for texts, one for recorded agents. */

import type { ProtocolRow } from '../../training/protocol-rows.ts';
import { framed } from '../page/frame.ts';
import { html, type Markup } from '../page/html.ts';
import { card, table } from '../page/parts.ts';
import { percent, plural, three, whole } from '../page/words.ts';
import { curvesCard } from './curves.ts';
import { marksCard } from './marks.ts';
import type { ProtocolCard, ProtocolPage } from './report.ts';

const TITLES = {
  text: 'What the gateway finds in texts that it has not seen',
  agents: 'What is found of attacks on agents that were left out',
} as const;

/** `sha256`: base64 of the SHA-256 of a text. */
export function protocolPage(page: ProtocolPage, sha256: (text: string) => string): string {
  const { about, source, seed, lead, notes, sections, rows, baselines } = page;
  return framed(
    {
      title: TITLES[about],
      kind: `Optikal · ${about === 'text' ? 'Texts' : 'Agents'} left out · ${source}`,
      head: [
        html`<p class="lead">${lead}</p>`,
        ...notes.map((note) => html`<p class="note">${note}</p>`),
        html`<nav aria-label="sections"><ul class="nav">${[...sections, { id: 'rows', title: 'All figures' }].map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`,
      ],
      main: [
        tiles(page),
        ...sections.map(
          ({ id, title, cards }) =>
            html`<section id="${id}"><h2>${title}</h2><div class="cards">${cards.map((one, i) => cardMarkup(`${id}-${i}`, one))}</div></section>
`,
        ),
        html`<section id="rows"><h2>All figures</h2><div class="cards">${rowsCard(rows)}${baselines.length === 0 ? null : baselinesCard(page)}</div></section>
`,
      ],
      made: `Seed ${seed}, ${plural(rows.length, 'row')}.`,
      figures: page,
    },
    sha256,
  );
}

function tiles({ tiles: given }: ProtocolPage): Markup {
  return html`<dl class="tiles">${given.map(({ name, value, beside }) => html`<div class="tile"><dt>${name}</dt><dd class="big">${value}</dd><dd class="small">${beside}</dd></div>`)}</dl>`;
}

function cardMarkup(id: string, one: ProtocolCard): Markup {
  if (one.form === 'marks') return marksCard(id, one);
  if (one.form === 'curves') return curvesCard(id, one);
  return card({ title: one.title, read: one.read, wide: true }, [table(one.head, one.rows, { stack: true })]);
}

const HEAD = [
  'left out',
  '|level',
  '|content plane',
  '|against',
  'AUROC',
  '95 %',
  'AP',
  'recall at 1 %',
  'at 0.1 %',
  'realised',
  'n',
  'positives',
];

function figuresOf(row: ProtocolRow): readonly string[] {
  const { level, plane, against, auroc, aurocInterval, ap, recallAt01, recallAt001, realisedFpr, n, positives } = row;
  return [
    level,
    plane ?? '–',
    against,
    three(auroc),
    aurocInterval === null ? '–' : `${three(aurocInterval[0])} to ${three(aurocInterval[1])}`,
    three(ap),
    percent(recallAt01),
    percent(recallAt001),
    percent(realisedFpr),
    whole(n),
    whole(positives),
  ];
}

function rowsCard(rows: readonly ProtocolRow[]): Markup {
  return card(
    {
      title: 'Every row',
      read: 'What --json prints. Realised: the share of negatives above the threshold that gives 1 % on the training groups. Intervals resample whole groups. A figure that too few rows could tell is left empty.',
      wide: true,
    },
    [
      table(
        HEAD,
        rows.map((row) => [`${row.protocol}: ${row.cell}`, ...figuresOf(row)]),
        { stack: true },
      ),
    ],
  );
}

function baselinesCard({ baselines }: ProtocolPage): Markup {
  return card(
    { title: 'What needs no fit, on the same rows', read: 'A detector that is no better than these is not worth its keep.', wide: true },
    [
      table(
        ['baseline', '|left out', ...HEAD.slice(1)],
        baselines.map((row) => [row.baseline, `${row.protocol}: ${row.cell}`, ...figuresOf(row)]),
        { stack: true },
      ),
    ],
  );
}
