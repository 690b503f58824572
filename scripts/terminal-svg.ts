/** Terminal output as an SVG: the few escape sequences that the command line uses, on a dark ground. */
const CHAR_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 16;
const GROUND = '#16181d';
const INK = '#d7dae0';
const DIM = '#8b919e';
const COLORS: Readonly<Record<string, string>> = { '31': '#f2777a', '32': '#99cc99', '33': '#ffcc66', '35': '#cc99cc' };
const INVERSE = `${String.fromCharCode(27)}[7m`;
const SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`, 'g');

interface Style {
  color: string;
  bold: boolean;
  /** Ground and ink changed places; told by whole lines. */
  inverse: boolean;
}

export function terminalSvg(text: string, columns: number, label = 'alerts of the demo in a terminal'): string {
  const style: Style = { color: INK, bold: false, inverse: false };
  const lines = text.split('\n').map((line, i) => {
    const inverse = line.startsWith(INVERSE);
    const spans = spansOf(line, style).join('');
    const ground = inverse
      ? `<rect x="${PADDING}" y="${PADDING + i * LINE_HEIGHT}" width="${Math.ceil(columns * CHAR_WIDTH)}" height="${LINE_HEIGHT}" fill="${INK}"/>`
      : '';
    return `${ground}<text x="${PADDING}" y="${PADDING + (i + 1) * LINE_HEIGHT - 5}">${spans}</text>`;
  });
  const width = Math.ceil(columns * CHAR_WIDTH) + 2 * PADDING;
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    ...lines,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A style goes on over the end of a line, as in a terminal. */
function spansOf(line: string, style: Style): string[] {
  const spans: string[] = [];
  let from = 0;
  const push = (to: number) => {
    if (to > from)
      spans.push(
        `<tspan fill="${style.inverse ? GROUND : style.color}"${style.bold ? ' font-weight="bold"' : ''}>${escaped(line.slice(from, to))}</tspan>`,
      );
  };
  for (const match of line.matchAll(SEQUENCE)) {
    push(match.index);
    from = match.index + match[0].length;
    apply(style, match[1]!);
  }
  push(line.length);
  return spans;
}

function apply(style: Style, code: string): void {
  if (code === '1') style.bold = true;
  else if (code === '7' || code === '27') style.inverse = code === '7';
  else if (code === '2') style.color = DIM;
  else if (code === '22') Object.assign(style, { bold: false, color: style.color === DIM ? INK : style.color });
  else style.color = COLORS[code] ?? INK;
}

/** Blanks as ones that no renderer puts together, whatever it thinks of `xml:space`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');
}
