/**
 * Noise as sensors and networks make it, laid over clean events or rows: trembling and coarse values, fields that nobody observed, events
 * twice, late, or from a wrong clock. Pure and seeded by event: what happens to one event does not depend on the others. Labels stay.
 */
import type { Event, RawMetrics } from '@optikal/contracts';
import { createRandom, type Random } from '@optikal/ml';
import { between, chance } from '../draw.ts';
import { noisyEvent, noisyMetrics, type Sensor } from './fields.ts';
import { type NoiseOptions, type ResolvedNoise, resolveNoise } from './options.ts';

interface Source {
  readonly coarse: boolean;
  readonly skewMs: number;
}

/**
 * Events come out in the order of arrival: a duplicate and a late event keep id and event time. Rows have no arrival; theirs are jitter, dropped,
 * coarse and duplicated. RangeError for an option outside its range.
 *
 * @example
 * const fleet = simulateFleet({ agents: 20, days: 1, seed: 1 });
 * for (const event of addNoise(fleet.events(), { dropped: 0.02, late: 0.01 }, 'noise')) console.log(event.id);
 */
export function addNoise(events: Iterable<Event>, options: NoiseOptions, seed: number | string): Generator<Event>;
export function addNoise<Row extends RawMetrics>(rows: Iterable<Row>, options: NoiseOptions, seed: number | string): Generator<Row>;
export function addNoise(items: Iterable<Event | RawMetrics>, options: NoiseOptions, seed: number | string): Generator<Event | RawMetrics> {
  return noisy(items, resolveNoise(options), createRandom(seed).fork('noise'));
}

function* noisy(items: Iterable<Event | RawMetrics>, noise: ResolvedNoise, random: Random): Generator<Event | RawMetrics> {
  const sources = new Map<string, Source>();
  const sourceOf = (name: string): Source => {
    let source = sources.get(name);
    if (source === undefined) {
      source = drawSource(name, noise, random.fork(`source:${name}`));
      sources.set(name, source);
    }
    return source;
  };
  /** By arrival, those that were sent first before those sent later. */
  const onTheWay: Arrival[] = [];
  let row = 0;
  for (const item of items) {
    if (!isEvent(item)) {
      const own = random.fork(`row:${row++}`);
      const shown = noisyMetrics(item, { noise, coarse: chance(own, noise.coarse), random: own });
      yield shown;
      if (chance(own, noise.duplicated)) yield shown;
      continue;
    }
    while (onTheWay.length > 0 && onTheWay[0].timeMs < item.timeMs) yield onTheWay.shift()!.event; // not empty
    const source = sourceOf(item.source);
    const own = random.fork(item.id);
    const late = chance(own, noise.late) ? own.nextExponential(noise.lateMs) : 0;
    const again = chance(own, noise.duplicated) ? own.nextExponential(noise.lateMs) : null;
    const sensor: Sensor = { noise, coarse: source.coarse, random: own };
    const shown = { ...noisyEvent(item, sensor), timeMs: item.timeMs + source.skewMs };
    if (late === 0) yield shown;
    else send(onTheWay, { event: shown, timeMs: item.timeMs + late });
    if (again !== null) send(onTheWay, { event: shown, timeMs: item.timeMs + late + again });
  }
  for (const { event } of onTheWay) yield event;
}

interface Arrival {
  readonly event: Event;
  readonly timeMs: number;
}

function send(onTheWay: Arrival[], arrival: Arrival): void {
  let at = onTheWay.length;
  while (at > 0 && onTheWay[at - 1].timeMs > arrival.timeMs) at--;
  onTheWay.splice(at, 0, arrival);
}

/** The agents' own clock dates their calls, so only the other planes' clocks go wrong. */
function drawSource(name: string, noise: ResolvedNoise, random: Random): Source {
  const coarse = chance(random, noise.coarse);
  const skewed = chance(random, noise.skewed) && !name.startsWith('/asr/');
  return { coarse, skewMs: skewed ? Math.round(between(random, -noise.skewMs, noise.skewMs)) : 0 };
}

function isEvent(item: Event | RawMetrics): item is Event {
  return 'source' in item && 'data' in item;
}
