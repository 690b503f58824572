/** What every attack is: how it divides, what it wants, and how it changes the plan of a task that it is laid over. */
import type { Random } from '@optikal/ml';
import type { Campaign, Goal, Intensity } from '../campaign.ts';
import type { Role, TaskKind } from '../roles.ts';
import type { Habits, PlannedTurn } from '../task-plan.ts';

/** A task as it is going to be carried out. */
export interface Course {
  readonly kind: TaskKind;
  readonly turns: readonly PlannedTurn[];
  readonly habits: Habits;
}

export interface Ground extends Course {
  readonly role: Role;
  readonly random: Random;
  /** The same stream in every part of a campaign. */
  readonly steady: Random;
  readonly taskSalt: number;
  /** Tasks that the agent finished of late: what an attacker who watches it can imitate. */
  readonly finished: readonly Course[];
}

export interface Part {
  readonly campaign: Campaign;
  /** Parts that are left, this one included: the last one carries what is left of the goal. */
  readonly partsLeft: number;
  /** Share of the whole goal that is due by the end of this part, less what is reached. */
  readonly share: number;
}

export interface Attack {
  /** Ways to carry it out that this role offers. */
  templates(role: Role): readonly string[];
  /** Share of campaigns that begin with a text that turns the agent. */
  readonly exposure: number;
  /** Tasks that it is laid over. */
  parts(random: Random, intensity: Intensity): number;
  goal(random: Random, plan: GoalPlan): Goal;
  lay(part: Part, ground: Ground): Course;
}

/** How an attack of one threat is carried out: at each intensity, by each template, and in the moments of boldness. */
export interface Manners<M> {
  readonly of: Readonly<Record<Intensity, M>>;
  /** At moderate each template has a strength of its own, so that no two of them are found by the same sign. */
  readonly traits: Readonly<Record<string, Partial<M>>>;
  /** Some parts of a moderate campaign, and most often the last one, are less patient. */
  readonly bold: Partial<M>;
}

const BOLD_SHARE = { last: 0.85, other: 0.4 } as const;

export function mannerOf<M>(
  { of, traits, bold }: Manners<M>,
  { intensity, template }: Pick<Campaign, 'intensity' | 'template'>,
  boldly = false,
): M {
  return intensity === 'moderate' ? { ...of.moderate, ...traits[template], ...(boldly ? bold : {}) } : of[intensity];
}

export function isBold({ partsLeft }: Part, random: Random): boolean {
  return random.nextFloat() < (partsLeft <= 1 ? BOLD_SHARE.last : BOLD_SHARE.other);
}

export interface GoalPlan {
  readonly intensity: Intensity;
  readonly template: string;
  readonly parts: number;
  readonly role: Role;
}
