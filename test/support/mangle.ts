/** Messages as they come from the wild: whole ones and bent ones, drawn from a seed. */
import { type Event, toCloudEvent } from '@optikal/contracts';

export type Draw = (from: number, to: number) => number;

/** Whole numbers from `from` to `to`, the same for the same seed. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (from, to) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' linear congruential generator
    return from + Math.floor((state / 2 ** 32) * (to - from + 1));
  };
}

type Fields = Record<string, unknown>;

/** A path into a message and what is put there. */
export function withField(message: Fields, path: readonly string[], value: unknown): Fields {
  const [name, ...rest] = path;
  const inner = message[name];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Fields) : {}; // checked to its left
  return { ...message, [name]: rest.length === 0 ? value : withField(object, rest, value) };
}

const ODD_VALUES: readonly unknown[] = [null, '', -1, 1e308, 'x|y', [], {}, true, '\ud800', '__proto__', 0.5, 4096];
const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** One bent message; `whole` is what it was. Some of the ways leave it valid. */
export function bend(event: Event, draw: Draw): string {
  const message = toCloudEvent(event);
  const text = JSON.stringify(message);
  switch (draw(0, 16)) {
    case 0:
      return text.slice(0, draw(0, text.length - 1));
    case 1:
      return replaced(text, draw(0, text.length - 1), String.fromCharCode(draw(32, 126)));
    case 2:
      return JSON.stringify(withField(message, ['specversion'], '0.3'));
    case 3:
      return JSON.stringify(withField(message, ['subject'], 'a|b'));
    case 4:
      return JSON.stringify(withField(message, ['tenant'], 'no tenant'));
    case 5:
      return JSON.stringify(withField(message, ['type'], `${event.type.slice(0, -1)}9`));
    case 6:
      return JSON.stringify(withField(message, ['type'], 'argus.unheard.of.v1'));
    case 7:
      return JSON.stringify(withField(message, ['time'], new Date(event.timeMs + TEN_YEARS_MS).toISOString()));
    case 8:
      return JSON.stringify(withField(message, ['time'], 'yesterday'));
    case 9:
      return JSON.stringify(withField(message, ['data', 'metrics', 'cpu_usage_percent'], draw(101, 9999)));
    case 10:
      return JSON.stringify(withField(message, ['unknown'], { nested: text }));
    case 11: {
      const names = Object.keys(event.data);
      return JSON.stringify(withField(message, ['data', names[draw(0, names.length - 1)]], ODD_VALUES[draw(0, ODD_VALUES.length - 1)]));
    }
    case 12: {
      const names = Object.keys(message);
      return JSON.stringify(withField(message, [names[draw(0, names.length - 1)]], ODD_VALUES[draw(0, ODD_VALUES.length - 1)]));
    }
    case 13:
      return `${'['.repeat(40)}${']'.repeat(40)}`;
    case 14:
      return JSON.stringify(
        withField(
          message,
          ['data', 'calls'],
          Array.from({ length: 513 }, () => ({})),
        ),
      );
    case 15:
      return ['null', '[]', '7', '"text"', '\u0000'][draw(0, 4)];
    default:
      return JSON.stringify(withField(message, ['time'], new Date(event.timeMs - draw(0, 300_000)).toISOString()));
  }
}

function replaced(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + 1);
}
