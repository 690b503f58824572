/** What a role is, and the eight roles of the fleet with everything that follows from their task kinds. */
import { type Flow, parseFlow } from './flow.ts';
import type { Hours, Occasion, RoleText, Style } from './role-text.ts';
import { OFFICE_ROLES } from './roles-office.ts';
import { TECHNICAL_ROLES } from './roles-technical.ts';
import { type Tool, toolNamed } from './tools.ts';

export interface TaskKind {
  readonly name: string;
  readonly weight: number;
  readonly style: Style;
  readonly flow: Flow;
  /** Tools that the user's request asks for. */
  readonly asked: ReadonlySet<Tool>;
  /** Secrets are read to be replaced. */
  readonly rotates: boolean;
  /** The weight at an occasion, where it is another. */
  readonly at: Readonly<Partial<Record<Occasion, number>>>;
}

export interface Role {
  readonly name: string;
  readonly prefix: string;
  readonly weight: number;
  readonly owner: string;
  readonly hours: Hours;
  /** Tasks an hour at the busiest hour of an average agent. */
  readonly tasksPerHour: number;
  readonly kinds: readonly TaskKind[];
  readonly tools: readonly Tool[];
  readonly usualSide: readonly Tool[];
  readonly rareSide: readonly Tool[];
  readonly reads: readonly Tool[];
  readonly untrusted: readonly Tool[];
  /** Ways out of the company that the role really has, the usual one first. */
  readonly outward: readonly Tool[];
  readonly onCall: boolean;
  readonly closes: boolean;
}

const ROTATING = new Set(['rotate_secret', 'create_deploy_key']);

export const ROLES: readonly Role[] = [...OFFICE_ROLES, ...TECHNICAL_ROLES].map(readRole);

function readRole(text: RoleText): Role {
  const kinds = text.kinds.map(([name, weight, style, asked, flow, at]) => ({
    name,
    weight,
    style,
    flow: parseFlow(flow),
    asked: new Set(asked.split(' ').map(toolNamed)),
    rotates: asked.split(' ').some((tool) => ROTATING.has(tool)),
    at: at ?? {},
  }));
  const tools = [...new Set(kinds.flatMap((kind) => kind.flow.tools))];
  return {
    name: text.name,
    prefix: text.prefix,
    weight: text.weight,
    owner: text.owner,
    hours: text.hours,
    tasksPerHour: text.tasksPerHour,
    kinds,
    tools,
    usualSide: tools.filter((entry) => entry.side && !entry.rare),
    rareSide: tools.filter((entry) => entry.side && entry.rare),
    reads: tools.filter((entry) => entry.effect === 'read' && entry.reuse !== 'fixed'),
    untrusted: tools.filter((entry) => entry.untrusted),
    outward: text.outward.map(toolNamed),
    onCall: text.onCall === true,
    closes: text.closes === true,
  };
}
