import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom, encodeMetaModel, fitDrift, fitLstm, fitRandomForest, type Matrix, sequencesOf } from '@optikal/ml';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DetectionError } from '../errors.ts';
import { sequenceValues } from '../steps.ts';
import { fittedContent } from '../test-support/bundles.ts';
import { everythingContent, META, stepsLike } from '../test-support/everything.ts';
import { hostileManifests } from '../test-support/hostile-manifests.ts';
import { judgeActed } from './acted.ts';
import { type Bundle, type BundleContent, type BundleFiles, bundleFileNames, decodeBundle, encodeBundle } from './bundle.ts';
import { type Manifest, sha256, text } from './manifest.ts';
import { nameThreat } from './threat.ts';

/** The first view combines the bases in its own way. */
const everything = (): BundleContent => {
  const content = everythingContent();
  return { ...content, byPlanes: content.byPlanes.map((view, i) => (i === 0 ? { ...view, meta: { ...META, intercept: 1.5 } } : view)) };
};
const CONTENT = everything();
const { files: FILES, fingerprint: FINGERPRINT } = encodeBundle(CONTENT);
const MANIFEST = JSON.parse(new TextDecoder().decode(FILES.get('manifest.json'))) as Manifest & { digest: string };

const WINDOW = FEATURE_SETS.fused1.length;
const STEP = FEATURE_SETS.step1.length;
/** Those that are read as models; a gateway's file is carried, not read. */
const MODELS = [...FILES.keys()].filter((name) => name.endsWith('.model') && name !== 'gateway.model');
/** Scorers of rows are read by one reader: which of them it is does not matter to a bundle. */
const alike = (a: string, b: string) => a === b || [/boosting|isolation/, /^meta/].some((kind) => [a, b].every((name) => kind.test(name)));
const matrixOf = (cols: number): Matrix => ({ rows: 4, cols, values: Float64Array.from({ length: 4 * cols }, (_, i) => i % 7) });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DetectionError) return error.code;
    throw error;
  }
  return 'accepted';
}

const withFile = (name: string, bytes: Uint8Array): BundleFiles => new Map([...FILES, [name, bytes]]);
/** A manifest that is not ours, with its own right digest. */
const withManifest = (change: Record<string, unknown>, files = FILES): BundleFiles => {
  const { digest: _, ...rest } = MANIFEST;
  const manifest = { ...rest, ...change };
  return new Map([...files, ['manifest.json', text({ ...manifest, digest: sha256(text(manifest)) })]]);
};
/** A file that is not ours, and a manifest that vouches for it. */
const withVouched = (name: string, bytes: Uint8Array): BundleFiles =>
  withManifest({ files: { ...MANIFEST.files, [name]: { sha256: sha256(bytes), sizeBytes: bytes.length } } }, withFile(name, bytes));

const threatsOf = ({ threats }: BundleContent) =>
  threats === null ? null : threats.kind === 'forest' ? threats.threats : threats.models.map(({ threat }) => threat);

function expectSame(found: Bundle, wanted: typeof CONTENT): void {
  const plain = ({ featureSet, starter, calibration, prevalence, operatingPoint, windowsPerDay, report, tools }: typeof CONTENT) => ({
    featureSet,
    starter,
    calibration,
    prevalence,
    operatingPoint,
    windowsPerDay,
    report,
    tools,
  });
  expect(plain(found)).toEqual(plain(wanted));
  expect(found.benignMargins).toEqual(wanted.benignMargins);
  expect(found.usual.fleet).toEqual(wanted.usual.fleet);
  expect([...found.usual.roles]).toEqual([...wanted.usual.roles]);
  expect(found.snapshot.roles.get('clerk')?.counts).toEqual(wanted.snapshot.roles.get('clerk')?.counts);
  const row = Float64Array.from(FEATURE_SETS.fused1, (_, i) => (i % 5 === 0 ? Number.NaN : i % 4));
  for (const [k, base] of wanted.bases.entries()) {
    const { name, on, mean, sd, scorer } = found.bases[k]!;
    expect({ name, on, mean, sd }).toEqual({ name: base.name, on: base.on, mean: base.mean, sd: base.sd });
    const probe = base.on === 'sequence' ? sequenceValues(stepsLike(createRandom('probe'), 7)) : row.slice(0, base.scorer.featureCount);
    expect(scorer.score(probe)).toBe(base.scorer.score(probe));
  }
  expect(found.meta).toEqual(wanted.meta);
  expect(found.drift?.encode()).toEqual(wanted.drift?.encode());
  expect(nameThreat(found, row)).toEqual(nameThreat(wanted, row));
  expect(threatsOf(found)).toEqual(threatsOf(wanted));
  const files = ({ byPlanes, gateway, trainedOn }: BundleContent) => ({ byPlanes, gateway, trainedOn });
  expect(files(found)).toEqual(files(wanted));
  const exposed = { row, callRows: [row.slice(0, FEATURE_SETS.call1.length)], sequence: [] };
  const acted = ({ acted: head }: BundleContent) => (head === null ? null : judgeActed(head, exposed));
  expect(acted(found)).toEqual(acted(wanted));
}

describe('a bundle', () => {
  it('is the same after it was written and read', () => {
    const found = decodeBundle(FILES, FINGERPRINT);
    expectSame(found, CONTENT);
    expect(found.fingerprint).toBe(FINGERPRINT);
    expect(encodeBundle(found).fingerprint).toBe(FINGERPRINT);
  });

  it('with the least that it can hold too', () => {
    for (const least of [fittedContent(), { ...fittedContent(), threats: null }]) {
      const { files, fingerprint } = encodeBundle(least);
      const found = decodeBundle(files, fingerprint);
      expectSame(found, least);
      expect([found.meta, found.drift, found.acted, found.gateway]).toEqual([null, null, null, null]);
      expect(encodeBundle(found).fingerprint).toBe(fingerprint);
    }
  });

  it('of format 1 has the same margins: no meta-model, no drift reference, its list of threats as one against the rest', () => {
    const least = encodeBundle(fittedContent());
    const {
      digest: _,
      meta: _meta,
      drift: _drift,
      ...manifest
    } = JSON.parse(new TextDecoder().decode(least.files.get('manifest.json'))) as Manifest & { digest: string };
    const models = manifest.threats?.kind === 'one-vs-rest' ? manifest.threats.models : [];
    expect(models).toHaveLength(2);
    const written = (threats: unknown) => {
      const old = { ...manifest, formatVersion: 1, threats };
      return decodeBundle(new Map([...least.files, ['manifest.json', text({ ...old, digest: sha256(text(old)) })]]));
    };
    expectSame(written(models), fittedContent());
    expect(written([]).threats).toBeNull();
    // What only format 2 has is not believed of a format 1.
    expect(codeOf(() => written({ kind: 'one-vs-rest', models }))).toBe('bundle_format');
  });

  it('of format 2 has the same margins: one operating point for all planes, no head for who acted, no gateway', () => {
    const { byPlanes: _b, acted: _a, gateway: _g, trainedOn: _t, ...rest } = CONTENT;
    const second: BundleContent = { ...rest, byPlanes: [], acted: null, gateway: null, trainedOn: [] };
    const now = encodeBundle(second);
    const {
      digest: _,
      acted: _acted,
      byPlanes: _planes,
      gateway: _gateway,
      trainedOn: _trained,
      ...manifest
    } = JSON.parse(new TextDecoder().decode(now.files.get('manifest.json'))) as Manifest & { digest: string };
    const written = (more: Record<string, unknown>) => {
      const old = { ...manifest, formatVersion: 2, ...more };
      return decodeBundle(new Map([...now.files, ['manifest.json', text({ ...old, digest: sha256(text(old)) })]]));
    };
    expectSame(written({}), second);
    // What only format 3 has is not read in a format 2.
    expect(written({ gateway: 'fleet.json', acted: 1 }).gateway).toBeNull();
  });

  it('refuses to be written with two models of one name', () => {
    const bases = CONTENT.bases.map((base, k) => (k === 0 ? { ...base, name: 'boosting' } : base));
    expect(() => encodeBundle({ ...CONTENT, bases })).toThrow('two models of a bundle have the file `boosting.model`');
  });

  it('has one fingerprint for one content', () => {
    const other = everything();
    const reordered = {
      ...other,
      usual: { ...other.usual, roles: new Map([...other.usual.roles].reverse()) },
      report: { nested: { list: [1, null, 'x'] }, source: 'test' },
    };
    expect(encodeBundle(reordered).fingerprint).toBe(FINGERPRINT);
    expect(encodeBundle({ ...other, prevalence: 0.02 }).fingerprint).not.toBe(FINGERPRINT);
  });

  it('lists its files', () => {
    expect([...bundleFileNames(FILES.get('manifest.json')!)].sort()).toEqual([...FILES.keys()].sort());
  });

  it('keeps roles of any name apart', () => {
    const names = ['__proto__', 'constructor', 'a|b', 'ü😀'];
    const roles = new Map(names.map((name, i) => [name, new Float64Array(FEATURE_SETS.fused1.length).fill(i)]));
    const found = decodeBundle(encodeBundle({ ...CONTENT, usual: { ...CONTENT.usual, roles } }).files);
    expect(names.map((name) => found.usual.roles.get(name)?.[0])).toEqual([0, 1, 2, 3]);
  });
});

describe('a bundle is refused', () => {
  it('where any byte of any file was changed', () => {
    for (const [name, bytes] of FILES) {
      const positions = new Set([
        0,
        1,
        bytes.length >> 1,
        bytes.length - 2,
        bytes.length - 1,
        ...Array.from({ length: 40 }, (_, i) => Math.floor((i * bytes.length) / 40)),
      ]);
      for (const position of positions)
        for (const flip of [1, 0x20, 0x80]) {
          const altered = Uint8Array.from(bytes);
          altered[position]! ^= flip;
          expect(
            codeOf(() => decodeBundle(withFile(name, altered))),
            `${name} at ${position}`,
          ).toMatch(/^bundle_(altered|format)$/);
        }
    }
  });

  it('where a file was cut or made longer', () => {
    for (const [name, bytes] of FILES)
      for (const altered of [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, 0), Uint8Array.from([...bytes, 0x20])])
        expect(
          codeOf(() => decodeBundle(withFile(name, altered))),
          name,
        ).toMatch(/^bundle_(altered|format)$/);
  });

  it('where a file is not there', () => {
    for (const name of FILES.keys())
      expect(
        codeOf(() => decodeBundle(new Map([...FILES].filter(([other]) => other !== name)))),
        name,
      ).toBe('bundle_missing_file');
  });

  it('where it is not the one that was expected', () => {
    expect(codeOf(() => decodeBundle(FILES, '0'.repeat(64)))).toBe('bundle_altered');
  });

  it('where it was made for other features', () => {
    expect(codeOf(() => decodeBundle(withManifest({ features: { ...MANIFEST.features, fused1: '0'.repeat(64) } })))).toBe(
      'bundle_features',
    );
    expect(codeOf(() => decodeBundle(withManifest({ features: {} })))).toBe('bundle_features');
    const [forest, , calls, lstm] = MANIFEST.bases;
    const swapped = [
      { ...forest, on: 'call' },
      { ...calls, on: 'window' },
    ];
    expect(codeOf(() => decodeBundle(withManifest({ bases: swapped })))).toBe('bundle_features');
    const { step1, ...without } = MANIFEST.features;
    expect(step1).toMatch(/^[0-9a-f]{64}$/);
    expect(codeOf(() => decodeBundle(withManifest({ features: without })))).toBe('bundle_features');
    // A bundle without a sequence model does not care what a step is.
    expect(
      codeOf(() => decodeBundle(withManifest({ features: without, meta: null, byPlanes: [], bases: MANIFEST.bases.slice(0, 3) }))),
    ).toBe('accepted');
    expect(codeOf(() => decodeBundle(withManifest({ bases: [forest, { ...lstm, on: 'window' }] })))).toMatch(/^bundle_(altered|features)$/);
  });

  it('where its manifest is hostile, with a code and never a crash', () => {
    for (const change of hostileManifests(MANIFEST))
      expect(
        codeOf(() => decodeBundle(withManifest(change))),
        canonicalize(change)!.slice(0, 80),
      ).toBe('bundle_format');
    expect(codeOf(() => bundleFileNames(text({ formatVersion: 1 })))).toBe('bundle_altered');
    for (const json of [
      '',
      'null',
      '[]',
      '1',
      '"x"',
      '{"formatVersion":1',
      '{"__proto__":{"formatVersion":1}}',
      '['.repeat(200_000),
      '{"formatVersion":1,"digest":"\\ud800"}',
      `{"formatVersion":1,"x":"${'y'.repeat(5_000_000)}"}`,
    ])
      expect(
        codeOf(() => decodeBundle(withFile('manifest.json', new TextEncoder().encode(json)))),
        json.slice(0, 40),
      ).toMatch(/^bundle_(format|altered)$/);
  });

  it('where a file that the manifest vouches for is not what its name says', () => {
    const json = (value: unknown) => text(value);
    const fleet = JSON.parse(new TextDecoder().decode(FILES.get('fleet.json'))) as Record<string, unknown>;
    const broken: [string, Uint8Array][] = [
      ['fleet.json', json({})],
      ['fleet.json', json({ ...fleet, roles: [{ role: 1 }] })],
      ['fleet.json', json({ ...fleet, roles: {} })],
      ['fleet.json', json({ ...fleet, fleet: { counts: [[['a', -1]], []], sums: { n: [], sum: [], squares: [] } } })],
      ['fleet.json', json({ ...fleet, fleet: { counts: [[], [], []], sums: {} } })],
      ['fleet.json', new TextEncoder().encode('nothing')],
      ['usual.json', json({ fleet: [1], calls: [], roles: {} })],
      ['usual.json', json(null)],
      ['tools.json', json([])],
      ['tools.json', json({ formatVersion: 1, tools: { x: { effect: 'magic' } } })],
      ['margins.bin', new Uint8Array(7)],
      ['margins-bp.bin', new Uint8Array(9)],
      ['acted-boosting.model', new Uint8Array(100)],
      ['acted.model', encodeMetaModel(META)],
      ['meta-bpc.model', encodeMetaModel({ ...META, weights: META.weights.slice(1), absent: META.absent.slice(1) })],
      ['boosting.model', new Uint8Array(100)],
      ['boosting.model', FILES.get('fleet.json')!],
      ['boosting.model', FILES.get('boosting.model')!.subarray(0, 64)],
      ['meta.model', encodeMetaModel({ ...META, weights: META.weights.slice(1), absent: META.absent.slice(1) })],
      ['meta.model', encodeMetaModel({ ...META, weights: META.weights.map((weight) => -1 - weight) })],
      ['threats.model', fitRandomForest(matrixOf(WINDOW), Uint8Array.of(0, 1, 0, 1), { treeCount: 1, classCount: 2 }).forest.encode()],
    ];
    // Any model where another is expected.
    for (const name of MODELS) for (const other of MODELS) if (!alike(name, other)) broken.push([name, FILES.get(other)!]);
    for (const [name, bytes] of broken)
      expect(
        codeOf(() => decodeBundle(withVouched(name, bytes))),
        `${name} of ${bytes.length} bytes`,
      ).toBe('bundle_altered');
  });

  it('where a model that the manifest vouches for sees other features or more windows', () => {
    const steps = (columns: number) => [[new Float64Array(columns).fill(1)], [new Float64Array(columns)]];
    const lstm = (columns: number, more: { steps?: number }) =>
      fitLstm(sequencesOf(steps(columns)), Uint8Array.of(1, 0), { hidden: 8, dense: 8, epochs: 1, ...more }).encode();
    const others: [string, Uint8Array][] = [
      ['lstm.model', lstm(STEP + 1, {})],
      ['lstm.model', lstm(STEP, { steps: 11 })],
      ['threats.model', fitRandomForest(matrixOf(3), Uint8Array.of(0, 1, 2, 0), { treeCount: 1 }).forest.encode()],
      ['drift.model', fitDrift({ rows: 20, cols: 3, values: new Float64Array(60) }).encode()],
      ['boosting.model', FILES.get('call-boosting.model')!],
    ];
    for (const [name, bytes] of others)
      expect(
        codeOf(() => decodeBundle(withVouched(name, bytes))),
        `${name} of ${bytes.length} bytes`,
      ).toBe('bundle_features');
    expect(codeOf(() => decodeBundle(withVouched('lstm.model', lstm(STEP, { steps: 4 }))))).toBe('accepted');
  });

  it('where its manifest is any other JSON, with a code and never a crash', () => {
    const field = fc.constantFrom(...Object.keys(MANIFEST));
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        const code = codeOf(() => decodeBundle(withManifest({ [name]: value })));
        expect(code === 'accepted' ? name : code).toMatch(
          /^(bundle_(format|altered|features|missing_file)|starter|report|prevalence|windowsPerDay|threats|meta|drift|acted|byPlanes|gateway|trainedOn|digest)$/,
        );
      }),
      { numRuns: 300 },
    );
  });
});
