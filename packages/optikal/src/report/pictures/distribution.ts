/** Margins by class, one row a class: quiet, exposed, acted. */
import type { ClassName, Distribution, PlanesThreshold } from '../figures/distribution.ts';
import { PLOT, picture, WIDTH } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { card, legend, table } from '../page/parts.ts';
import { at, linear } from '../page/scale.ts';
import { percent, plural, whole } from '../page/words.ts';

const LABELS: Readonly<Record<ClassName, { readonly text: string; readonly fill: string }>> = {
  quiet: { text: 'quiet', fill: 'f0' },
  exposed: { text: 'exposed: did not act', fill: 'f5' },
  acted: { text: 'acted: an attack', fill: 'f2' },
};
const ROW = 74;
const BARS = 46;
const LEFT = 10;
/** Of thresholds by planes so many are drawn, those of most windows: more lines are a fence. */
const MOST_LINES = 6;
const LETTERS = 'abcdef';
/** Room of a letter under its line, and the height of a row of them. */
const LETTER_ROOM = 14;
const LETTER_ROW = 14;

export function distributionCard(id: string, { edges, classes, threshold, byPlanes }: Distribution): Markup {
  const from = edges[0]!; // there are always edges
  const to = edges.at(-1)!;
  const x = linear(from, to, LEFT, PLOT.right);
  const lines = byPlanes.slice(0, MOST_LINES).map((one, i) => ({ ...one, letter: LETTERS[i]! }));
  const letters = placed(lines.map((one) => ({ letter: one.letter, x: x(one.threshold) })));
  const letterRows = Math.max(1, ...letters.map(({ row }) => row + 1));
  const height = classes.length * ROW + 48 + (letterRows - 1) * LETTER_ROW;
  const bottom = classes.length * ROW + 6;
  const rows = classes.map(({ name, windows, counts, alerts }, i) => {
    const base = 6 + (i + 1) * ROW;
    const most = Math.max(1, ...counts);
    const width = (PLOT.right - LEFT) / counts.length;
    // Small counts stay visible: height goes with the square root, and the description says so.
    const bars = counts
      .map((count, bin) =>
        count === 0
          ? ''
          : `M${at(LEFT + bin * width + 0.5)} ${base}v${at(-Math.max(1.5, Math.sqrt(count / most) * BARS))}h${at(width - 1)}V${base}z`,
      )
      .join('');
    return html`<text class="strong" x="${LEFT}" y="${base - BARS - 12}">${LABELS[name].text}</text><text x="${PLOT.right}" y="${base - BARS - 12}" text-anchor="end">${
      windows === 0 ? 'none in this data' : `${whole(alerts)} of ${whole(windows)} alert`
    }</text><path class="${LABELS[name].fill}" d="${bars}"/><path class="rule" d="M${LEFT} ${base}H${PLOT.right}"/>`;
  });
  // In pieces: the line must not cross the letters between the rows.
  const limitAt = (value: number) =>
    classes.map((_, i) => html`<path class="limit" d="M${at(x(value))} ${6 + (i + 1) * ROW - BARS - 6}V${6 + (i + 1) * ROW}"/>`);
  const foot = bottom + 37;
  const limit =
    threshold === null
      ? [
          ...lines.flatMap((one) => limitAt(one.threshold)),
          ...letters.map(
            ({ letter, x: place, row }) =>
              html`<text class="strong" x="${at(place)}" y="${foot + row * LETTER_ROW}" text-anchor="middle">${letter}</text>`,
          ),
        ]
      : [
          ...limitAt(threshold),
          html`<text class="strong" x="${at(x(threshold))}" y="${foot}" text-anchor="${x(threshold) > WIDTH - 60 ? 'end' : x(threshold) < 60 ? 'start' : 'middle'}">threshold ${threshold.toFixed(2)}</text>`,
        ];
  const axis = x.ticks.map(
    (tick) =>
      html`<path class="axis" d="M${at(x(tick))} ${bottom}v4"/><text x="${at(x(tick))}" y="${bottom + 17}" text-anchor="middle">${tick}</text>`,
  );
  const unscored = classes.reduce((sum, own) => sum + own.unscored, 0);
  return card(
    {
      title: 'Where the windows lie',
      read: `Margin of each window, to the right is more suspicious; ${threshold === null ? byPlanesWords(byPlanes) : 'what lies right of the dashed line alerts'}. Each class has its own scale, heights go with the square root so that single windows stay visible.${unscored === 0 ? '' : ` ${plural(unscored, 'window')} had nothing to score.`}`,
    },
    [
      ...(lines.length === 0
        ? []
        : [
            legend(
              lines.map(({ letter, threshold: own, windows, planes }) => ({
                line: 'limit',
                text: `${letter}: ${own.toFixed(2)} for ${planes.join('; ')}`,
                value: plural(windows, 'window'),
              })),
            ),
          ]),
      picture(
        {
          id,
          title: 'Margins by class',
          desc: classes.map(({ name, windows, alerts }) => `${name}: ${whole(windows)} windows, ${whole(alerts)} of them alert`).join('; '),
          height,
        },
        [...rows, html`<path class="axis" d="M${LEFT} ${bottom}H${PLOT.right}"/>`, ...axis, ...limit],
      ),
    ],
    table(
      ['margin', ...classes.map(({ name }) => name)],
      edges
        .slice(1)
        .map((edge, bin) => [
          `${edges[bin]!.toFixed(2)} to ${edge.toFixed(2)}`,
          ...classes.map(({ counts, windows }) => `${whole(counts[bin]!)} (${percent(windows === 0 ? null : counts[bin]! / windows)})`),
        ]),
      { caption: 'Windows by margin; the outer rows hold what lies beyond' },
    ),
  );
}

function byPlanesWords(byPlanes: readonly PlanesThreshold[]): string {
  if (byPlanes.length === 0) return 'no line is drawn, as thresholds differ by group';
  const left = byPlanes.slice(MOST_LINES);
  const rest = left.reduce((sum, { windows }) => sum + windows, 0);
  const missing = left.length === 0 ? '' : `; ${left.length} more thresholds, of ${plural(rest, 'window')}, are not drawn`;
  return `thresholds differ by the planes of a window: what lies right of the line of its planes alerts${missing}`;
}

/** Letters under their lines: where two would meet, the right one goes a row lower. */
function placed(marks: readonly { readonly letter: string; readonly x: number }[]): { letter: string; x: number; row: number }[] {
  const ends: number[] = [];
  return marks
    .toSorted((a, b) => a.x - b.x)
    .map(({ letter, x }) => {
      const free = ends.findIndex((end) => end <= x - LETTER_ROOM);
      const row = free < 0 ? ends.length : free;
      ends[row] = x;
      return { letter, x, row };
    });
}
