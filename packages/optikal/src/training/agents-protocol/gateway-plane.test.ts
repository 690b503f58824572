import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LabelledText } from '../gateway/texts.ts';
import { type GatewayData, gatewayPlane } from './gateway-plane.ts';
import { littleSessions } from './test-support/little.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const sessions = littleSessions({ models: ['m', 'n'], suites: ['s0', 's1', 's2'], sessions: 2 });

/** What the sessions read, as the texts of a folder; each output is a page. */
function dataOf(of: typeof sessions): GatewayData {
  const texts: LabelledText[] = [];
  const outputs = new Map<number, number>();
  const readers = new Map<number, ReadonlySet<string>>();
  for (const { tasks, outIds, flagged, group } of of)
    for (const { calls, request } of tasks)
      for (const { callId, output, tool } of calls) {
        const outId = outIds.get(callId);
        if (outId === undefined || output === null) continue;
        const [start, end] = [output.indexOf('<INFORMATION>'), output.indexOf('</INFORMATION>') + 14];
        const hostile = flagged.has(callId);
        outputs.set(outId, texts.length);
        readers.set(outId, new Set([group.model]));
        texts.push({
          id: `output-${outId}`,
          text: output,
          label: hostile ? 1 : 0,
          context: { direction: 'tool_output', request, tool },
          kind: 'recorded_output',
          suite: group.suite,
          template: hostile ? 'important_instructions' : null,
          category: null,
          page: sha(hostile ? output.slice(0, start) : output),
          sha256: sha(output),
          injected: hostile ? [{ start, end }] : [],
        });
      }
  return { texts, outputs, readers };
}

const data = dataOf(sessions);
const FEW = { attackCount: 0, benignCount: 0 };
const plane = gatewayPlane(data, sessions, FEW);

describe('the real plane', () => {
  const leftOut = { protocol: 'suite', holds: new Set(['s0']) } as const;
  const request = { leftOut, isTest: ({ group }: (typeof sessions)[number]) => group.suite === 's0', unseenTemplates: [], seed: 's' };
  const fold = plane.fold(request);

  it('learns from no text of the suite that is left out, and from none that it judges there', () => {
    const own = new Set(data.texts.filter(({ suite }) => suite === 's0').map(({ sha256 }) => sha256));
    expect(own.size).toBeGreaterThan(0);
    expect(fold.trainedOn.filter((hash) => own.has(hash))).toEqual([]);
    expect(new Set(fold.judged)).toEqual(own);
    const known = new Set(fold.trainedOn);
    expect(fold.judged.filter((hash) => known.has(hash))).toEqual([]);
  });

  it('finds the template that it knows, on pages that it does not', () => {
    for (const session of sessions.filter(request.isTest))
      for (const callId of session.outIds.keys()) {
        const score = fold.scoreOf(session, callId)!;
        if (session.flagged.has(callId)) expect(score).toBeGreaterThan(0.5);
        expect(Number.isFinite(score)).toBe(true);
      }
    expect(fold.scoreOf(sessions[0]!, 't99.c0')).toBeNull();
  });

  it('leaves a model out with all pages that its runs read', () => {
    const shared = {
      ...data,
      readers: new Map([...data.readers].map(([id, models], i) => [id, i % 2 === 0 ? new Set([...models, 'm']) : models])),
    };
    const out = { protocol: 'model', holds: new Set(['m']) } as const;
    const found = gatewayPlane(shared, sessions, FEW).fold({ ...request, leftOut: out, isTest: ({ group }) => group.model === 'm' });
    const read = [...shared.outputs].filter(([id]) => shared.readers.get(id)!.has('m')).map(([, at]) => data.texts[at]!.page);
    const pages = new Set(read);
    const learnt = new Set(found.trainedOn);
    expect(data.texts.filter(({ page, sha256 }) => pages.has(page) && learnt.has(sha256))).toEqual([]);
    expect(found.trainedOn.length).toBeGreaterThan(0);
  });

  it('learns nothing of a template that is to stay unseen', () => {
    const composed = data.texts.map((text, i) => (text.label === 1 && i % 2 === 1 ? { ...text, template: 'direct' } : text));
    const found = gatewayPlane({ ...data, texts: composed }, sessions, FEW).fold({
      ...request,
      unseenTemplates: ['important_instructions'],
    });
    const learnt = new Set(found.trainedOn);
    for (const { template, sha256 } of composed) if (template === 'important_instructions') expect(learnt.has(sha256)).toBe(false);
  });

  it('judges what it learnt from by gateways of other pages: other scores than those of a gateway that knows them', () => {
    const all = plane.fold({ ...request, leftOut: null, isTest: () => true });
    expect(all.judged).toEqual([]);
    expect(all.trainedOn).toHaveLength(new Set(data.texts.map(({ sha256 }) => sha256)).size);
    expect(Number.isFinite(all.scoreOf(sessions[0]!, 't0.c0'))).toBe(true);
  });

  it('is told nothing of the answers: other labels of what is judged change no score', () => {
    const lies = {
      ...data,
      texts: data.texts.map((text): LabelledText => (text.suite === 's0' ? { ...text, label: 0, injected: [], template: null } : text)),
    };
    const other = gatewayPlane(lies, sessions, FEW).fold(request);
    for (const session of sessions)
      for (const callId of session.outIds.keys()) expect(other.scoreOf(session, callId)).toBe(fold.scoreOf(session, callId));
  });
});
