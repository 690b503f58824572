/** The sections of the text protocol's page: shares with their floors, curves by kind. No text is shown. */
import { TEXT_BASELINES } from '../../training/text-baselines.ts';
import type { ShareRow, TextFigures } from '../../training/text-protocol-rows.ts';
import { limitOf } from '../page/scale.ts';
import { percent, plural, whole } from '../page/words.ts';
import type { MarksCard, ProtocolCard, ProtocolPage, ProtocolSection, ProtocolTile } from './report.ts';

export interface TextPageFacts {
  readonly source: string;
  readonly seed: string;
  /** Fits, texts that were judged at least once, their pages. */
  readonly folds: number;
  readonly texts: number;
  readonly pages: number;
}

const SECTIONS: readonly { readonly protocol: string; readonly title: string; readonly read: string }[] = [
  {
    protocol: 'page',
    title: 'Pages left out',
    read: 'The gateway knows the template, not the page, nor the attack of an e-mail or prompt, nor the category of a harmless prompt.',
  },
  {
    protocol: 'template',
    title: 'Templates left out',
    read: 'The gateway was fitted without any text or recorded output of the template, and without the pages that are judged.',
  },
  { protocol: 'suite', title: 'Suites left out', read: 'The gateway was fitted without anything of the suite, from whatever source.' },
  { protocol: 'train-test', title: 'Other data', read: 'Fitted on all of one folder, judged once on the other.' },
];

/** Where an axis of shares may end: small ones are not to stand in a corner. */
const ENDS = [0.1, 0.25, 0.5, 1];

export function textPage(figures: TextFigures, facts: TextPageFacts): ProtocolPage {
  const { shares, curves, rows, baselines } = figures;
  const sections = SECTIONS.flatMap(({ protocol, title, read }): ProtocolSection[] => {
    const own = shares.filter((share) => share.protocol === protocol);
    if (own.length === 0) return [];
    const cards = [
      ...marks(own, 'flagged', 'Clean texts that are flagged', read),
      ...marks(own, 'missed', 'Hostile texts that are missed', read),
      ...(protocol === 'page' || protocol === 'train-test' ? rocs(curves) : []),
    ];
    return [{ id: protocol, title, cards }];
  });
  return {
    kind: 'protocol-rows',
    about: 'text',
    source: facts.source,
    seed: facts.seed,
    lead: leadOf(shares, facts),
    notes: [
      'Thresholds are the gateway’s own: each fit sets them on clean texts of its own folds, where at most 1 % may be flagged. Shares resample whole pages: texts of one page are not independent.',
      'What this does not show: attacks of people who know the gateway, and pages of other firms. Texts, templates and pages are those of public benchmarks.',
    ],
    tiles: tilesOf(shares),
    sections,
    rows,
    baselines,
    shares,
  };
}

function leadOf(shares: readonly ShareRow[], { folds, texts, pages }: TextPageFacts): string {
  const bound = shares.filter(({ floor }) => floor !== null);
  const behind = bound.filter(({ share, floor }) => floor !== null && share > floor.most);
  const fits = `${plural(folds, 'gateway')} ${folds === 1 ? 'was' : 'were'} fitted and judged ${whole(texts)} texts on ${plural(pages, 'page')} that ${folds === 1 ? 'it' : 'they'} had not seen.`;
  if (bound.length === 0) return fits;
  return behind.length === 0
    ? `${fits} All ${bound.length} shares keep their floors.`
    : `${fits} ${bound.length - behind.length} of ${bound.length} shares keep their floors; behind are ${behind.map(({ protocol, cell, what, share }) => `${nameOf(cell)} (${what} ${percent(share)}, ${protocol} left out)`).join(', ')}.`;
}

function tilesOf(shares: readonly ShareRow[]): ProtocolTile[] {
  const wanted: readonly (readonly [string, string, string, ShareRow['what']])[] = [
    ['clean outputs of tools flagged', 'page', 'tool_output', 'flagged'],
    ['harmless prompts full of trigger words flagged', 'page', 'hard_negative_prompt', 'flagged'],
    ['injected e-mails missed', 'page', 'email', 'missed'],
    ['injected outputs missed, template never seen', 'template', 'tool_output|important_instructions', 'missed'],
  ];
  return wanted.flatMap(([name, protocol, cell, what]) => {
    const found = shares.find((share) => share.protocol === protocol && share.cell === cell && share.what === what);
    if (found === undefined) return [];
    const { share, floor, n, baselines } = found;
    const beside = `${floor === null ? '' : `floor ${percent(floor.most)}; `}${TEXT_BASELINES[0]!.name} ${percent(baselines[0]!)}; ${plural(n, 'text')}`; // there are baselines
    return [{ name, value: percent(share), beside }];
  });
}

/** One picture for all, one for each suite where suites are left out. */
function marks(shares: readonly ShareRow[], what: ShareRow['what'], title: string, read: string): MarksCard[] {
  const own = shares.filter((share) => share.what === what && !share.cell.includes(': '));
  const parts = shares.filter((share) => share.what === what && share.cell.includes(': '));
  return [own, parts]
    .filter((rows) => rows.length > 0)
    .map((rows, i): MarksCard => {
      const most = Math.max(...rows.flatMap(({ share, interval, floor }) => [share, interval?.[1] ?? 0, floor?.most ?? 0]));
      return {
        form: 'marks',
        title: i === 0 ? title : `${title}, each suite`,
        read: `${read} ${what === 'flagged' ? 'Left is better: a false alarm costs more than a miss.' : 'Left is better.'}`,
        unit: what === 'flagged' ? 'share flagged' : 'share missed',
        range: [0, limitOf(most, ENDS)],
        percent: true,
        // A keyword list misses nearly all: on an axis of small shares it would lie at the edge.
        series: ['gateway', ...TEXT_BASELINES.map(({ name }) => name)],
        lines: rows.map(({ cell, share, interval, floor, n, pages, baselines }) => ({
          name: nameOf(cell),
          values: [share, ...baselines],
          interval,
          ...(floor === null ? {} : { floor: { value: floor.most, side: 'most' as const } }),
          count: `${whole(n)} on ${plural(pages, 'page')}`,
        })),
      };
    });
}

function rocs(curves: TextFigures['curves']): ProtocolCard[] {
  if (curves.length === 0) return [];
  const shown = curves
    .slice(0, 6)
    .map(({ name, auroc, points }) => ({ name: nameOf(name), value: auroc === null ? '–' : auroc.toFixed(3), points: thinned(points) }));
  return [
    {
      form: 'curves',
      title: 'ROC by kind',
      read: 'Hostile texts of a kind against clean ones beside them; each point is a threshold. The axis is logarithmic: only its left end is of use.',
      x: { label: 'clean texts flagged, log axis', from: 0.001, to: 1 },
      y: { label: 'hostile texts found' },
      curves: shown,
    },
  ];
}

const MOST_POINTS = 300;

function thinned(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const stride = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

const NAMES: Readonly<Record<string, string>> = {
  tool_output: 'outputs',
  tool_output_twin: 'twins',
  tool_output_composed: 'composed',
  tool_output_stripped: 'stripped',
  recorded_output: 'recorded',
  hard_negative_prompt: 'NotInject',
  attack_prompt: 'attack prompts',
  user_prompt: 'user prompts',
  email: 'e-mails',
  important_instructions: 'important',
  ignore_previous: 'ignore',
};

/** `tool_output|direct` → `outputs, direct`; of a suite, where there is little room, `banking: direct`. */
export function nameOf(cell: string): string {
  const word = (part: string) => NAMES[part] ?? part.replaceAll('_', ' ');
  const at = cell.indexOf(': ');
  if (at < 0) return cell.split('|').map(word).join(', ');
  const [kind, template] = cell.slice(at + 2).split('|');
  const ofTemplate = template !== undefined && (kind === 'tool_output' || kind === 'tool_output_composed');
  return `${cell.slice(0, at)}: ${word((ofTemplate ? template : kind) ?? '')}`;
}
