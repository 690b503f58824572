/**
 * The colours of a report, for light and dark. Series keep apart for the common kinds of colour blindness (hues after Okabe & Ito 2008,
 * darkened or lightened for contrast), and never by colour alone: each has its own dashes, mark or place. The contrasts are held by a test.
 */

export interface Palette {
  readonly ground: string;
  readonly card: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  /** Six series; the first is the ensemble, the second the best feature (and attacks), the third the number of calls. */
  readonly series: readonly string[];
  readonly quiet: string;
  /** Shares from none to all: fill, and the ink that is read on it. */
  readonly heat: readonly (readonly [fill: string, ink: string])[];
}

export const LIGHT: Palette = {
  ground: '#f6f7f9',
  card: '#ffffff',
  ink: '#171b22',
  soft: '#545d6b',
  grid: '#dfe3e9',
  series: ['#0a63ad', '#bf4700', '#00775a', '#8e3f86', '#806000', '#1d6f86'],
  quiet: '#6d7684',
  heat: [
    ['#eef1f5', '#171b22'],
    ['#cfe0f1', '#171b22'],
    ['#97c0e4', '#171b22'],
    ['#2f78b7', '#ffffff'],
    ['#0b4f8a', '#ffffff'],
  ],
};

export const DARK: Palette = {
  ground: '#0f1216',
  card: '#171b21',
  ink: '#e9ecf1',
  soft: '#a5aebc',
  grid: '#2e353f',
  series: ['#6cb4f5', '#ff9a5a', '#45cda6', '#dc9fd6', '#e0bb45', '#6fc6dc'],
  quiet: '#8b95a4',
  heat: [
    ['#222831', '#e9ecf1'],
    ['#1d3b57', '#e9ecf1'],
    ['#1f5583', '#ffffff'],
    ['#69aee8', '#0f1216'],
    ['#a9d3f8', '#0f1216'],
  ],
};

/** Step of a share in [0, 1]: none and all have their own. */
export function heatStep(share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 4;
  return share < 1 / 3 ? 1 : share < 2 / 3 ? 2 : 3;
}

/** WCAG 2.2 contrast of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]; // two in, two out
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number]; // three channels
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
