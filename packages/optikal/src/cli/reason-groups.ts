/** The reasons of an alert as people read them: those of the window, those of the windows before it, and what the attributions of a sequence miss. */
import type { AlertAttribution } from '@optikal/contracts';
import { mergeTwins } from './quantity.ts';

const BEFORE = 'before_';
const RESIDUAL = 'sequence_residual';
/** Below this share of all that moved the margin, what the attributions miss changes no reading of them. */
const RESIDUAL_MATTERS = 0.05;

export interface ReasonGroups {
  /** Strongest first. */
  readonly present: readonly AlertAttribution[];
  readonly before: readonly AlertAttribution[];
  /** null where it is too small to matter. */
  readonly missed: AlertAttribution | null;
  /** Something speaks for an attack. */
  readonly driven: boolean;
}

export function reasonGroups(attributions: readonly AlertAttribution[]): ReasonGroups {
  const reasons = attributions.filter(({ feature }) => feature !== 'other' && feature !== RESIDUAL);
  const missed = attributions.find(({ feature }) => feature === RESIDUAL);
  const moved = attributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0);
  return {
    present: mergeTwins(reasons.filter((line) => !isBefore(line))),
    before: reasons.filter(isBefore).map((line) => ({ ...line, label: line.label.replace(', in the windows before', '') })),
    missed: missed !== undefined && Math.abs(missed.contribution) >= RESIDUAL_MATTERS * moved ? missed : null,
    driven: reasons.some(({ contribution }) => contribution > 0),
  };
}

/** Without what no reader can act on, for a list of a few. */
export function withoutRest(attributions: readonly AlertAttribution[]): readonly AlertAttribution[] {
  return attributions.filter(({ feature }) => feature !== 'other' && feature !== RESIDUAL);
}

/** The feature whose words and unit a line of the windows before has. */
export function plainFeature(feature: string): string {
  return feature.startsWith(BEFORE) ? feature.slice(BEFORE.length) : feature;
}

function isBefore({ feature }: AlertAttribution): boolean {
  return feature.startsWith(BEFORE);
}
