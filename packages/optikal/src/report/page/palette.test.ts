import { describe, expect, it } from 'vitest';
import { contrast, DARK, heatStep, LIGHT, type Palette } from './palette.ts';

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  expect(contrast('#ffffff', '#777777')).toBe(contrast('#777777', '#ffffff'));
});

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
] as const)('the %s palette', (_, palette: Palette) => {
  const grounds = [palette.ground, palette.card];

  it('can be read: text has a contrast of 4.5 (WCAG AA), links too', () => {
    for (const ground of grounds)
      for (const ink of [palette.ink, palette.soft, palette.series[0]!]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
    for (const [fill, ink] of palette.heat) expect(contrast(ink, fill)).toBeGreaterThanOrEqual(4.5);
  });

  it('can be seen: marks and lines have a contrast of 3 against what they lie on', () => {
    for (const mark of [...palette.series, palette.quiet]) expect(contrast(mark, palette.card)).toBeGreaterThanOrEqual(3);
  });

  it('has heat that rises: each step stands farther from the card', () => {
    const contrasts = palette.heat.map(([fill]) => contrast(fill, palette.card));
    expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
  });

  /** Machado, Oliveira & Fernandes 2009, severity 1, on linear light. */
  it.each([
    ['protanopia', [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]],
    ['deuteranopia', [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881]],
  ])('keeps the ensemble, the best feature and quiet windows apart for %s', (_name, matrix) => {
    const seen = [palette.series[0]!, palette.series[1]!, palette.quiet].map((color) => labOf(color, matrix));
    for (const [i, one] of seen.entries())
      for (const other of seen.slice(i + 1)) expect(Math.hypot(...one.map((x, k) => x - other[k]!))).toBeGreaterThan(20);
  });
});

it('gives none and all a step of their own', () => {
  expect([0, 0.001, 0.34, 0.99, 1].map(heatStep)).toEqual([0, 1, 2, 3, 4]);
});

/** CIE L*a*b* (D65) of a colour as it is seen through `matrix`. */
function labOf(color: string, matrix: readonly number[]): number[] {
  const light = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        light.reduce((sum, x, k) => sum + x * matrix[row + k]!, 0),
      ),
    ),
  );
  const [x, y, z] = [
    (0.4124 * r! + 0.3576 * g! + 0.1805 * b!) / 0.9505,
    0.2126 * r! + 0.7152 * g! + 0.0722 * b!,
    (0.0193 * r! + 0.1192 * g! + 0.9505 * b!) / 1.089,
  ].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)];
}
