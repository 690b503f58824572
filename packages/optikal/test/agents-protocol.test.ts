/**
 * The agents protocol on the recorded agents themselves: what a gateway learnt from is never what it judges, and where labels are permuted there
 * is nothing to find. Its figures: `optikal evaluate --protocol agents`, `bench/agents-protocol.ts`.
 */
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../../../test/support/data.ts';
import { oracleScore } from '../src/content/validations.ts';
import { toolLookup } from '../src/detection/tools/index.ts';
import { readAgentsFolder, readGatewayData } from '../src/services/evaluate-agents-data.ts';
import { agentsData, windowsOf } from '../src/training/agents-protocol/data.ts';
import { PROTOCOL_SPECS } from '../src/training/agents-protocol/fold.ts';
import { gatewayPlane } from '../src/training/agents-protocol/gateway-plane.ts';
import { TEMPLATE } from '../src/training/agents-protocol/protocol.ts';
import { modelSplit, suiteSplit } from '../src/training/agents-protocol/splits.ts';
import { isOfSuite } from '../src/training/gateway/texts.ts';
import { permutedAuroc } from '../src/training/protocol.ts';

const folder = dataFolder('agents/sessions.jsonl.gz', 'agents/traces.jsonl.gz', 'text/texts.jsonl.gz');
const PERMUTATIONS = 20;
/** A chance figure needs no strong model: each permutation is fitted and scored on every eighth quiet window. */
const THINNING = 8;

describe.skipIf(folder === null)('recorded agents that are left out', () => {
  it('were judged by a gateway that knows no text of their suite, nor a page of their models', { timeout: 600_000 }, () => {
    const { files } = readAgentsFolder(folder!); // skipped without
    const { sessions } = files[0]!;
    const data = readGatewayData(folder!);
    const plane = gatewayPlane(data, sessions, { attackCount: 0, benignCount: 0 });
    const learntOf = (trainedOn: readonly string[]) => {
      const learnt = new Set(trainedOn);
      return data.texts.filter(({ sha256 }) => learnt.has(sha256));
    };
    const [suite] = suiteSplit(sessions).parts;
    const bySuite = plane.fold({
      leftOut: { protocol: 'suite', holds: suite!.holds },
      isTest: ({ group }) => suite!.holds.has(group.suite),
      unseenTemplates: [TEMPLATE],
      seed: 's',
    });
    expect(bySuite.judged.filter((hash) => new Set(bySuite.trainedOn).has(hash))).toEqual([]);
    expect(learntOf(bySuite.trainedOn).filter((text) => isOfSuite(text, suite!.name) || text.template === TEMPLATE)).toEqual([]);

    const [models] = modelSplit(sessions, 's').parts;
    const isTest = ({ group }: (typeof sessions)[number]) => models!.holds.has(group.model);
    const byModel = plane.fold({ leftOut: { protocol: 'model', holds: models!.holds }, isTest, unseenTemplates: [], seed: 's' });
    const outputs = new Set(sessions.filter(isTest).flatMap(({ outIds }) => [...outIds.values()]));
    const pages = new Set([...outputs].map((id) => data.texts[data.outputs.get(id)!]!.page));
    expect(byModel.judged.length).toBeGreaterThan(100);
    expect(learntOf(byModel.trainedOn).filter(({ page }) => pages.has(page))).toEqual([]);
  });

  it('with labels permuted within (model, suite, defence) are not found, whatever the gateway says: 0.50 ± 0.03', {
    timeout: 900_000,
  }, () => {
    const { files, tools } = readAgentsFolder(folder!);
    const data = agentsData(files[0]!.sessions, toolLookup(tools));
    const { samples } = windowsOf(data, ({ flagged }, callId) => oracleScore(flagged, callId));
    const metaOf = (key: string) => {
      const { model, suite, defence, runIds, outIdsInjected } = data.sessionOf.get(key)!.group;
      return { model, suite, defence, runIds, injectedOutputs: outIdsInjected };
    };
    const found = permutedAuroc({ samples, metaOf, leave: 'suite', seed: '1', specs: PROTOCOL_SPECS }, PERMUTATIONS, THINNING);
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    console.log(`permuted labels, oracle plane, leave one suite out: mean ${mean.toFixed(3)} of ${found.length}`);
    expect(Math.abs(mean - 0.5)).toBeLessThanOrEqual(0.03);
  });
});
