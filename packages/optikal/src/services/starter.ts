/**
 * The bundle that ships with the package, for the first days with one's own agents: fitted on a simulated fleet (six threats, three planes) and
 * on recorded agents with verdicts of our own gateway, whose detector travels with it. Every alert from it says so.
 */

import { auroc, recallAtFpr } from '@optikal/ml';
import type { BundleContent } from '../detection/ensemble/bundle.ts';
import { snapshotOf } from '../detection/fleet.ts';
import { parseToolsYaml, resolveTools, type ToolCatalogue, toolLookup } from '../detection/tools/index.ts';
import { fitAgentDrift } from '../training/agent-drift-fit.ts';
import { driftSessions } from '../training/agent-drift-sessions.ts';
import { agentsData, keyOf, windowsOf } from '../training/agents-protocol/data.ts';
import { gatewayPlane } from '../training/agents-protocol/gateway-plane.ts';
import type { WindowSample } from '../training/dataset.ts';
import { type Extraction, extract } from '../training/extract.ts';
import { type FitOptions, fitBundleWith } from '../training/fit.ts';
import { fitGateway } from '../training/gateway/fit.ts';
import { prepareTexts } from '../training/gateway/prepare.ts';
import { indexTruth } from '../training/labels.ts';
import { headline } from '../training/measure.ts';
import { finite } from '../training/ranking.ts';
import { type FleetOptions, simulateFleet, toolsYaml } from '../training/simulator/index.ts';
import { DEMO_INTENSITIES } from './demo-bundle.ts';
import { ServiceError } from './errors.ts';
import { readAgentsFolder, readGatewayData } from './evaluate-agents-data.ts';
import { DEFAULT_PREVALENCE, DEFAULT_WISH } from './train.ts';
import { openTrainingWorkers } from './training-workers/pool.ts';

export interface StarterOptions {
  /** A folder with `agents/` and `text/`. */
  readonly data: string;
  readonly seed: string;
  /** Default: a day of 300 agents, blatant and moderate attacks. */
  readonly fleet?: Omit<FleetOptions, 'seed'>;
  readonly folds?: number;
  readonly workers: number;
  readonly progress?: (step: string) => void;
}

/** As the demo's: what hides in an agent's own habits would be learnt as noise. */
const FLEET: Omit<FleetOptions, 'seed'> = {
  agents: 300,
  days: 1,
  startHour: 0,
  attackedShare: 0.3,
  campaignsPerAgent: 2,
  intensities: DEMO_INTENSITIES,
};

/** Errors: data_not_found, data_unrecognised; those of the fits. */
export async function fitStarter(options: StarterOptions): Promise<BundleContent> {
  const { data, seed, fleet = FLEET, folds, workers, progress = () => {} } = options;
  const gatewayData = readGatewayData(data);
  if (gatewayData === null) throw new ServiceError('data_unrecognised', `expected texts or recorded outputs in \`${data}\``);
  const folder = readAgentsFolder(data);
  const sessions = folder.files[0]!.sessions; // a folder has one sessions file at least
  const { drift } = folder;
  progress('gateway');
  const prepared = prepareTexts(gatewayData.texts);
  const { detector, trainedOn } = fitGateway(prepared, Int32Array.from(gatewayData.texts.keys()), { seed });
  progress('verdicts on what recorded agents read');
  // By gateways that did not learn from the page: what the windows' model meets later are strangers' pages too.
  const nobody = { leftOut: null, isTest: () => false, unseenTemplates: [], seed };
  const { scoreOf } = gatewayPlane(gatewayData, sessions).fold(nobody);
  progress('windows');
  // Tools as the name classifier sees them, as it will those of a stranger.
  const names = resolveTools({});
  const recorded = windowsOf(agentsData(sessions, toolLookup(names)), scoreOf);
  const simulated = simulatedWindows(seed, fleet);
  const unitOfSession = new Map(sessions.map((session) => [keyOf(session), `${session.group.model}|${session.group.suite}`]));
  const samples = [...recorded.dataset.samples, ...simulated.dataset.samples];
  let bySource: Readonly<Record<string, SourceFigures>> = {};
  const fit: FitOptions = {
    dataset: {
      samples,
      days: recorded.dataset.days + simulated.dataset.days,
      agents: recorded.dataset.agents + simulated.dataset.agents,
      labelled: true,
    },
    snapshot: snapshotOf([...recorded.contributions.values(), ...simulated.contributions.values()]),
    tools: names,
    seed,
    wish: DEFAULT_WISH,
    prevalence: DEFAULT_PREVALENCE,
    starter: true,
    unitOf: ({ key }) => unitOfSession.get(key) ?? key,
    source: 'simulated fleet and recorded agents',
    trainedOn: [
      { what: 'simulated agents', count: simulated.dataset.agents },
      { what: 'windows of simulated agents', count: simulated.dataset.samples.length },
      { what: 'sessions of recorded agents', count: sessions.length },
      { what: 'windows of recorded agents', count: recorded.dataset.samples.length },
      { what: 'texts of the gateway', count: trainedOn.length },
      ...(drift === null ? [] : [{ what: 'sessions in which a model may take over', count: drift.sessions.length }]),
    ],
    gateway: detector.encode(),
    ...(drift === null ? {} : { agentDrift: fitAgentDrift(driftSessions(drift.sessions), { seed }).model }),
    onOutOfFold: ({ margins }) => {
      bySource = {
        recorded: figuresOf(samples, margins, (key) => unitOfSession.has(key)),
        simulated: figuresOf(samples, margins, (key) => !unitOfSession.has(key)),
      };
    },
    ...(folds === undefined ? {} : { folds }),
  };
  progress('models');
  const pool = openTrainingWorkers(workers);
  try {
    const content = await fitBundleWith(pool.run, fit);
    return { ...content, report: { ...content.report, bySource } };
  } finally {
    await pool.close();
  }
}

/** Out of fold, acted against neither. */
interface SourceFigures {
  readonly windows: number;
  readonly attacks: number;
  readonly auroc: number;
  readonly recallAtFpr1: number;
}

function figuresOf(samples: readonly WindowSample[], margins: Float64Array, isOf: (key: string) => boolean): SourceFigures {
  const rows = samples.flatMap((sample, i) => (isOf(sample.key) && headline(sample) ? [i] : []));
  const labels = rows.map((i) => (samples[i]!.label === 2 ? 1 : 0));
  const scores = [...finite(rows.map((i) => margins[i]!))];
  return {
    windows: rows.length,
    attacks: labels.reduce((sum: number, label) => sum + label, 0),
    auroc: auroc(scores, labels),
    recallAtFpr1: recallAtFpr(scores, labels, 0.01).recall,
  };
}

function simulatedWindows(seed: string, options: Omit<FleetOptions, 'seed'>): Extraction {
  const fleet = simulateFleet({ ...options, seed: `${seed}:starter` });
  const tools: ToolCatalogue = resolveTools({ user: parseToolsYaml(toolsYaml()) });
  return extract({ events: () => fleet.events(), truth: indexTruth(fleet.truth), tools: toolLookup(tools) });
}
