/** The sections of the agents protocol's page: areas and recall with their floors, threats, windows of the session, how soon. */
import type { DriftReport } from '../../training/agent-drift-protocol.ts';
import type { AgentsFigures, LatencyFigures, SliceFigures } from '../../training/agents-protocol/figures.ts';
import type { ProtocolRow } from '../../training/protocol-rows.ts';
import { percent, plural } from '../page/words.ts';
import { type AgentsFloor, floorsOf } from './agents-floors.ts';
import type { CurvesCard, MarksCard, ProtocolCard, ProtocolPage, ProtocolSection, TableCard } from './report.ts';

export interface AgentsPageFacts {
  readonly source: string;
  readonly seed: string;
  readonly sessions: number;
  /** Sessions files that figures are averaged over. */
  readonly files: number;
}

const TITLES: Readonly<Record<string, string>> = {
  model: 'Models left out',
  suite: 'Suites left out',
  'model+template': 'Models and the attack’s template left out',
  'suite+template': 'Suites and the attack’s template left out',
  'train-test': 'Other data',
};
const PLANES = { none: 'no gateway', real: 'own gateway', oracle: 'oracle' } as const;
const LEVELS = { window: 'windows', run: 'runs', session: 'sessions', text: 'texts' } as const;
const MAX_SECONDS = 300;
const MAX_CALLS = 10;

export function agentsPage(figures: AgentsFigures, drift: DriftReport | null, facts: AgentsPageFacts): ProtocolPage {
  const rows = [...figures.rows, ...(drift?.rows ?? [])];
  const floors = floorsOf(rows);
  const protocols = [...new Set(figures.rows.map(({ protocol }) => protocol))];
  return {
    kind: 'protocol-rows',
    about: 'agents',
    source: facts.source,
    seed: facts.seed,
    lead: leadOf(floors, facts),
    notes: [
      'Every figure is of agents that nothing was fitted on: ensemble, gateway and thresholds were fitted on the rest, and the feature that stands beside was chosen there. How the models are built was settled on these data, in part by looking at what was left out (docs/decisions): figures on other data may be lower. Roles are known by their other agents, without labels.',
      'A run’s score is made of what its windows, its calls and the gateway say, by weights learnt on the training part. Thresholds are those of 1 % of the training part’s quiet cases, judged by ensembles of its other parts.',
      'Clock, pauses and the mix of tasks in a session are a surrogate of the data; tools, order, arguments and texts are real. Against the ignored: runs and windows that read the injected text and did not act, by a head of its own.',
    ],
    tiles: floors.slice(0, 5).map(({ name, value }) => ({ name, value: value === null ? '–' : value.toFixed(3), beside: 'pooled' })),
    sections: [
      ...protocols.map((protocol) => section(protocol, figures, floors)),
      ...(drift === null ? [] : [driftSection(drift, floors)]),
    ],
    rows,
    baselines: figures.baselines,
  };
}

function leadOf(floors: readonly AgentsFloor[], { sessions, files }: AgentsPageFacts): string {
  const judged = `${plural(sessions, 'session')}${files > 1 ? ` of ${files} files` : ''} of recorded agents were judged by what was fitted without them.`;
  const known = floors.filter(({ value }) => value !== null);
  if (known.length === 0) return judged;
  const behind = known.filter(({ value, least }) => value !== null && value < least);
  return behind.length === 0
    ? `${judged} All ${known.length} figures keep their floors.`
    : `${judged} ${known.length - behind.length} of ${known.length} figures keep their floors; behind are ${behind.map(({ name, value, least }) => `${name} (${value?.toFixed(3)}, floor ${least})`).join(', ')}.`;
}

function section(protocol: string, figures: AgentsFigures, floors: readonly AgentsFloor[]): ProtocolSection {
  const rows = figures.rows.filter((row) => row.protocol === protocol);
  const of = <T extends { readonly protocol: string }>(all: readonly T[]) => all.filter((one) => one.protocol === protocol);
  const cards: ProtocolCard[] = [
    marks(rows, floors, 'auroc', 'AUROC'),
    marks(rows, floors, 'recallAt01', 'Recall at 1 % false alarms'),
    cellsCard(rows),
    slices(of(figures.threats), 'By threat', 'What the injected goal was; all quiet cases beside each.', 'threat'),
    slices(of(figures.windows), 'By window of the session', 'At first nothing is known of an agent’s own habits.', 'window'),
    ...latency(of(figures.latencies)),
  ];
  return { id: protocol.replace('+', '-'), title: TITLES[protocol] ?? protocol, cards };
}

const nameOf = ({ level, plane, against }: Pick<ProtocolRow, 'level' | 'plane' | 'against'>) =>
  `${LEVELS[level]}, ${plane === null ? '' : PLANES[plane]}${against === 'ignored' ? ', against ignored' : ''}`;

function marks(rows: readonly ProtocolRow[], floors: readonly AgentsFloor[], figure: 'auroc' | 'recallAt01', title: string): MarksCard {
  const pooled = rows.filter(({ cell }) => cell === 'pooled');
  return {
    form: 'marks',
    title,
    read: 'All left-out parts pooled, and the mean over the parts. The bar is the floor.',
    unit: title,
    range: [0, 1],
    percent: figure !== 'auroc',
    series: ['pooled', 'mean of parts'],
    lines: pooled.map((row) => {
      const mean = rows.find((other) => other.cell === 'mean' && nameOf(other) === nameOf(row));
      const floor = floors.find((one) => one.row === row && one.figure === figure);
      return {
        name: nameOf(row),
        values: [row[figure], mean?.[figure] ?? null],
        ...(figure === 'auroc' ? { interval: row.aurocInterval } : {}),
        ...(floor === undefined ? {} : { floor: { value: floor.least, side: 'least' as const } }),
        count: `${row.positives} of ${row.n}`,
      };
    }),
  };
}

function cellsCard(rows: readonly ProtocolRow[]): TableCard {
  const figure = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return {
    form: 'table',
    title: 'Each part',
    read: 'Realised: the share of quiet cases above the threshold that was set on the training part.',
    head: ['|part', '|what', 'AUROC', 'recall at 1 %', 'realised', 'attacks', 'of'],
    rows: rows.map((row) => [
      row.cell,
      nameOf(row),
      figure(row.auroc),
      figure(row.recallAt01),
      row.realisedFpr === null ? '–' : percent(row.realisedFpr),
      String(row.positives),
      String(row.n),
    ]),
  };
}

function slices(own: readonly SliceFigures[], title: string, read: string, what: string): TableCard {
  return {
    form: 'table',
    title,
    read,
    head: [`|${what}`, '|level and plane', 'AUROC', 'found at the threshold', 'attacks', 'of'],
    rows: own.map((slice) => [
      slice.slice,
      nameOf(slice),
      slice.auroc === null ? '–' : slice.auroc.toFixed(3),
      slice.found === null ? '–' : percent(slice.found),
      String(slice.positives),
      String(slice.n),
    ]),
  };
}

function latency(own: readonly LatencyFigures[]): CurvesCard[] {
  const curve = ({ plane, runs }: LatencyFigures, values: readonly number[]) => ({
    name: PLANES[plane],
    value: runs === 0 ? '–' : `${percent(values.length / runs)} found`,
    points: values.map((value, i) => [value, (i + 1) / Math.max(1, runs)] as const),
  });
  const card = (
    title: string,
    read: string,
    label: string,
    to: number,
    of: (latency: LatencyFigures) => readonly number[],
  ): CurvesCard => ({
    form: 'curves',
    title,
    read,
    x: { label, to },
    y: { label: 'attacked runs found' },
    curves: own.map((one) => curve(one, of(one))),
  });
  return [
    card(
      'Seconds until a window alerts',
      'From the attacker’s first call to the end of the first window over the threshold; a window that is hot is judged before it ends.',
      'seconds',
      MAX_SECONDS,
      ({ seconds }) => seconds,
    ),
    card(
      'Calls until one alerts',
      'Calls of the run after the attacker’s first, 0 = that call itself; what else is in the window is seen with it.',
      'calls',
      MAX_CALLS,
      ({ calls }) => calls,
    ),
  ];
}

function driftSection({ rows, times }: DriftReport, floors: readonly AgentsFloor[]): ProtocolSection {
  const spread = (value: { readonly median: number; readonly p90: number } | null) =>
    value === null ? '–' : `${value.median.toFixed(0)} (${value.p90.toFixed(0)})`;
  const pooled = rows.filter(({ cell }) => cell === 'pooled');
  const line = (row: ProtocolRow, figure: 'auroc' | 'recallAt01') => {
    const floor = floors.find((one) => one.row === row && one.figure === figure);
    return {
      name: `${row.protocol}, ${figure === 'auroc' ? 'AUROC' : 'recall at 1 %'}`,
      values: [row[figure]],
      ...(figure === 'auroc' ? { interval: row.aurocInterval } : {}),
      ...(floor === undefined ? {} : { floor: { value: floor.least, side: 'least' as const } }),
      count: `${row.positives} of ${row.n}`,
    };
  };
  return {
    id: 'drift',
    title: 'Another model under an agent’s name',
    cards: [
      {
        form: 'marks',
        title: 'Sessions in which another model takes over',
        read: 'Judged once, when the session is over; nothing knows where the change may be.',
        unit: 'AUROC, recall',
        range: [0, 1],
        percent: false,
        series: ['pooled'],
        lines: pooled.flatMap((row) => [line(row, 'auroc'), line(row, 'recallAt01')]),
      },
      {
        form: 'table',
        title: 'How soon, and how often in vain',
        read: 'Median, and ninth of ten. False alarms for each day of one agent at work.',
        head: ['|left out', '|part', 'found', 'of', 'tasks', 'seconds', 'false alarms a day'],
        rows: times.map((time) => [
          time.protocol,
          time.cell,
          String(time.found),
          String(time.swapped),
          spread(time.tasksToDetect),
          spread(time.secondsToDetect),
          time.falseAlarmsPerAgentDay.toFixed(2),
        ]),
      },
    ],
  };
}
