/** What a report says in the words of the terminal: reasons of an alert, and what was asked of a threshold. */
import type { AlertAttribution } from '@optikal/contracts';
import { labelOf, mergeTwins, number, percent, quantityOf } from './quantity.ts';

const REASONS = 4;

/** The strongest reasons, those that spoke against an attack marked by a minus. */
export function reasonWords(attributions: readonly AlertAttribution[]): string[] {
  return mergeTwins(attributions.filter((line) => line.feature !== 'other'))
    .slice(0, REASONS)
    .map((line) => {
      const { feature, value, usual, unit, contribution } = line;
      const seen = line.missing || value === null ? 'not observed' : quantityOf(feature, value, unit);
      const sign = contribution >= 0 ? '+' : '−';
      return `${sign}${Math.abs(contribution).toFixed(2)} ${labelOf(line)}: ${seen}${usual === null ? '' : ` (usually ${quantityOf(feature, usual, unit)})`}`;
    });
}

export function askedWords({ kind, value }: { readonly kind: 'fpr' | 'alerts_per_day'; readonly value: number }): string {
  return kind === 'fpr'
    ? `at most one quiet window in ${number(1 / value)} (${percent(value)})`
    : `at most about ${number(value)} alerts a day on quiet windows`;
}
