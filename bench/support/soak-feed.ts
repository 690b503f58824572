/**
 * A steady stream in the wall clock's time: agents that come and go, reports delivered twice, reports that wait too long, bodies that are
 * refused. A function of the seed and of the start.
 */
import { createRandom } from '@optikal/ml';
import { createTraffic } from './traffic.ts';

/** Agents of the fleet; two thirds of them are there at a time, each for two thirds of its own cycle of 6 to 18 minutes. */
export const FLEET = { agents: 4500, messagesPerMinute: 6, hijackShare: 0.01 } as const;
const PRESENT_SHARE = 2 / 3;
const CYCLE_MS = { least: 6 * 60_000, spread: 12 * 60_000 } as const;
/** A producer that was not sure repeats its report so much later. */
const REPEAT = { share: 0.01, afterMs: 5000 } as const;
/** A report that was held up: its window is closed by then. */
const HELD_UP = { share: 0.01, byMs: 180_000 } as const;
const REFUSED = {
  share: 0.002,
  text: '{"specversion":"1.0","id":"x","source":"/bench","type":"argus.agent.metrics.v1","subject":"no|agent"}',
} as const;

export interface SoakFeed {
  registers(): string[];
  /** What is sent in [fromMs, toMs), called with spans that follow each other. */
  next(fromMs: number, toMs: number): string[];
  readonly sent: { total: number; repeated: number; heldUp: number; refused: number };
}

export function createSoakFeed(seed: string, startMs: number): SoakFeed {
  const random = createRandom(`${seed}-delivery`);
  const cycles = Array.from({ length: FLEET.agents }, () => ({
    lengthMs: CYCLE_MS.least + random.nextFloat() * CYCLE_MS.spread,
    phase: random.nextFloat(),
  }));
  const isPresent = (agent: number, timeMs: number) => {
    const { lengthMs, phase } = cycles[agent];
    return ((timeMs - startMs) / lengthMs + phase) % 1 < PRESENT_SHARE;
  };
  const traffic = createTraffic({ ...FLEET, seed, isPresent }, startMs);
  const repeats = new Waiting();
  const heldUp = new Waiting();
  const sent = { total: 0, repeated: 0, heldUp: 0, refused: 0 };
  return {
    sent,
    registers: () => {
      const texts = traffic.registers();
      sent.total += texts.length;
      return texts;
    },
    next(fromMs, toMs) {
      const out = [...repeats.take(toMs), ...heldUp.take(toMs)];
      for (const text of traffic.slice(fromMs, toMs)) {
        if (random.nextFloat() < HELD_UP.share) {
          heldUp.put(text, toMs + HELD_UP.byMs);
          sent.heldUp++;
          continue;
        }
        out.push(text);
        if (random.nextFloat() < REPEAT.share) {
          repeats.put(text, toMs + REPEAT.afterMs);
          sent.repeated++;
        }
        if (random.nextFloat() < REFUSED.share) {
          out.push(REFUSED.text);
          sent.refused++;
        }
      }
      sent.total += out.length;
      return out;
    },
  };
}

/** Texts until their time, which never goes back from one `put` to the next. */
class Waiting {
  readonly #items: { readonly atMs: number; readonly text: string }[] = [];

  put(text: string, atMs: number): void {
    this.#items.push({ atMs, text });
  }

  take(untilMs: number): string[] {
    const end = this.#items.findIndex(({ atMs }) => atMs > untilMs);
    return this.#items.splice(0, end < 0 ? this.#items.length : end).map(({ text }) => text);
  }
}
