/** Benign life: the calendar by hand, and what maintenance, turnover, bursts, incidents and other rights look like from outside. */
import type { Event } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { closeOf, easterSunday, isHoliday } from './calendar.ts';
import { judgeOutput } from './gateway.ts';
import { type FleetOptions, simulateFleet } from './index.ts';
import { spanAt } from './life.ts';
import { resolveFleetOptions } from './options.ts';
import { ROLES } from './roles.ts';
import { planCall } from './task-plan.ts';
import { toolNamed } from './tools.ts';
import { drawOutages } from './weather.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const day = (month: number, date: number, year = 2026): number => Date.UTC(year, month - 1, date);
const peaceful = (options: Omit<FleetOptions, 'attackedShare' | 'attemptShare'>) =>
  simulateFleet({ ...options, attackedShare: 0, attemptShare: 0 });
const starts = (events: Iterable<Event>): Event[] =>
  [...events].filter((event) => event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'task_started');

describe('the calendar', () => {
  it.each([
    [2000, day(4, 23, 2000)],
    [2024, day(3, 31, 2024)],
    [2026, day(4, 5)],
    [2038, day(4, 25, 2038)],
  ])('has Easter Sunday of %i', (year, date) => {
    expect(easterSunday(year) * DAY_MS).toBe(date);
  });

  it('has the holidays of each site', () => {
    const at = (month: number, date: number) => [0, 1, 2, -5, 5.5].map((offset) => isHoliday(day(month, date) + 9 * HOUR_MS, offset));
    expect(at(1, 1)).toEqual([true, true, true, true, true]);
    expect(at(1, 5)).toEqual([false, false, false, false, false]);
    expect(at(4, 3)).toEqual([true, true, true, false, false]);
    expect(at(4, 6)).toEqual([true, true, true, false, false]);
    expect(at(7, 4)).toEqual([false, false, false, true, false]);
    expect(at(11, 26)).toEqual([false, false, false, true, false]);
    expect(at(11, 19)).toEqual([false, false, false, false, false]);
    expect(at(1, 26)).toEqual([false, false, false, false, true]);
  });

  it('closes a month in its last two working days and the first two of the next, a quarter likewise', () => {
    // 31 January 2026 is a Saturday.
    expect([28, 29, 30, 31].map((date) => closeOf(day(1, date)))).toEqual([null, 'month_end', 'month_end', null]);
    expect([1, 2, 3, 4].map((date) => closeOf(day(2, date)))).toEqual([null, 'month_end', 'month_end', null]);
    expect([27, 28, 30, 31].map((date) => closeOf(day(3, date)))).toEqual([null, null, 'quarter_end', 'quarter_end']);
    expect([1, 2, 3].map((date) => closeOf(day(4, date)))).toEqual(['quarter_end', 'quarter_end', null]);
  });
});

describe('two months', () => {
  const fleet = peaceful({ agents: 60, days: 60, seed: 'life', startMs: day(2, 1) });
  const lives = fleet.agents.map(({ life }) => life);

  it('has joiners, leavers, maintenance, bursts, gaps of a sensor, new versions, new models and new rights, each for some', () => {
    const shares = {
      joins: lives.filter(({ joinMs }) => joinMs > fleet.startMs).length,
      leaves: lives.filter(({ retireMs }) => retireMs !== null).length,
      maintained: lives.filter(({ maintenance }) => maintenance.length > 0).length,
      bursts: lives.filter(({ bursts }) => bursts.length > 0).length,
      gaps: lives.filter(({ gaps }) => gaps.length > 0).length,
      lacks: lives.filter(({ withheld }) => withheld.size > 0).length,
      versions: fleet.agents.filter(({ deploys }) => deploys.some(({ gains }) => gains === null)).length,
      models: fleet.agents.filter(({ deploys, model }) => deploys.some((one) => one.model !== model)).length,
      rights: fleet.agents.filter(({ deploys }) => deploys.some(({ gains }) => gains !== null)).length,
    };
    for (const [what, count] of Object.entries(shares)) expect({ what, some: count >= 5 }).toEqual({ what, some: true });
    expect(shares.joins).toBeLessThan(30);
    expect(shares.leaves).toBeLessThan(30);
  });

  it('keeps changes in order, a right without a new version and a version without a new right', () => {
    for (const { deploys, version, life } of fleet.agents) {
      let before = version;
      let timeMs = life.joinMs;
      for (const next of deploys) {
        expect(next.timeMs).toBeGreaterThanOrEqual(timeMs);
        expect(next.version === before).toBe(next.gains !== null);
        if (next.gains !== null) expect(life.withheld).toContain(next.gains);
        before = next.version;
        timeMs = next.timeMs;
      }
    }
  });
});

describe('an agent', () => {
  const fleet = peaceful({ agents: 40, days: 8, seed: 'life', startMs: day(2, 2) });
  const byAgent = Map.groupBy(fleet.events(), (event) => event.agent);
  const lifecycle = (id: string, kind: string) =>
    byAgent.get(id)!.filter((event) => event.type === 'argus.agent.lifecycle.v1' && event.data.kind === kind);

  it('registers when it joins, says when it retires, and is silent before and after', () => {
    let leavers = 0;
    for (const { id, life } of fleet.agents) {
      const own = byAgent.get(id)!;
      expect(own[0]).toMatchObject({ data: { kind: 'register' } });
      expect(own[0].timeMs).toBeGreaterThanOrEqual(life.joinMs);
      if (life.retireMs === null) continue;
      leavers++;
      expect(own.at(-1)).toMatchObject({ data: { kind: 'retire' } });
      expect(own.at(-1)!.timeMs).toBeLessThan(life.retireMs + HOUR_MS);
      expect(lifecycle(id, 'task_started').every(({ timeMs }) => timeMs < life.retireMs! + HOUR_MS / 2)).toBe(true);
    }
    expect(leavers).toBeGreaterThan(0);
  });

  it('announces its maintenance and is looked over afterwards', () => {
    let after = 0;
    let windows = 0;
    for (const { id, life } of fleet.agents) {
      expect(lifecycle(id, 'maintenance').length).toBe(
        life.maintenance.filter(({ startMs }) => startMs < (life.retireMs ?? Infinity) && startMs < fleet.endMs).length,
      );
      for (const { startMs, endMs } of life.maintenance) {
        windows++;
        const times = lifecycle(id, 'task_started').map(({ timeMs }) => timeMs);
        // What waited for its turn may still begin in its first minutes.
        expect(times.filter((timeMs) => timeMs > startMs + HOUR_MS / 4 && timeMs < endMs)).toEqual([]);
        if (times.some((timeMs) => timeMs >= endMs && timeMs < endMs + HOUR_MS)) after++;
      }
    }
    expect(after / windows).toBeGreaterThan(0.5);
  });

  it('works several times its usual in a burst', () => {
    const ratios: number[] = [];
    for (const { id, life, role } of fleet.agents) {
      if (ROLES.find(({ name }) => name === role)!.hours !== 'always') continue;
      const times = lifecycle(id, 'task_started').map(({ timeMs }) => timeMs);
      for (const { startMs, endMs } of life.bursts) {
        const inside = times.filter((timeMs) => timeMs >= startMs && timeMs < endMs).length / (endMs - startMs);
        ratios.push(inside / (times.length / (fleet.endMs - life.joinMs)));
      }
    }
    expect(ratios.length).toBeGreaterThan(2);
    expect(ratios.toSorted((a, b) => a - b)[ratios.length >> 1]).toBeGreaterThan(4);
  });

  it('has no CPU and memory in a gap of its sensor, and only there', () => {
    let seen = 0;
    for (const { id, life, sensors } of fleet.agents) {
      for (const event of byAgent.get(id)!) {
        if (event.type !== 'argus.agent.metrics.v1' || !sensors.resources) continue;
        const gap = spanAt(life.gaps, event.timeMs) !== null;
        expect(event.data.metrics.cpu_usage_percent === null).toBe(gap);
        expect(event.data.metrics.memory_usage_mb === null).toBe(gap);
        if (gap) seen++;
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  it('tells a new right by its tool set under the same version', () => {
    let rights = 0;
    for (const { id, deploys } of fleet.agents) {
      const told = [...lifecycle(id, 'register'), ...lifecycle(id, 'deploy')].map(
        ({ data }) => data as { version: string; toolSetHash: string },
      );
      expect(told.length).toBe(1 + deploys.length);
      deploys.forEach(({ gains }, i) => {
        expect(told[i + 1].version === told[i].version).toBe(gains !== null);
        if (gains === null || deploys.slice(0, i).some((one) => one.gains === gains)) return;
        rights++;
        expect(told[i + 1].toolSetHash).not.toBe(told[i].toolSetHash);
      });
    }
    expect(rights).toBeGreaterThan(0);
  });
});

describe('the surroundings', () => {
  it('fail in an incident: errors, tries again, and work by night for those on call', () => {
    const options = { agents: 30, days: 8, seed: 'incidents', startMs: day(2, 2) };
    const incidents = drawOutages(resolveFleetOptions(options)).filter(({ incident }) => incident);
    expect(incidents.length).toBeGreaterThan(1);
    const fleet = peaceful(options);
    const isNight = (timeMs: number) => new Date(timeMs).getUTCHours() < 6;
    const inside = nightMs(fleet.startMs, fleet.endMs, (timeMs) => spanAt(incidents, timeMs) !== null);
    const outside = nightMs(fleet.startMs, fleet.endMs, (timeMs) => spanAt(incidents, timeMs) === null);
    expect(inside).toBeGreaterThan(HOUR_MS);
    const count = { calls: [0, 0], errors: [0, 0], tasks: [0, 0] };
    for (const event of fleet.events()) {
      const at = spanAt(incidents, event.timeMs) === null ? 0 : 1;
      if (event.type === 'argus.agent.metrics.v1')
        for (const call of event.data.calls!) {
          count.calls[at]++;
          if (!call.ok) count.errors[at]++;
        }
      // Maintainers keep office hours.
      else if (event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'task_started')
        if (event.agent.startsWith('code-') && isNight(event.timeMs)) count.tasks[at]++;
    }
    expect(count.errors[1] / count.calls[1]).toBeGreaterThan(3 * (count.errors[0] / count.calls[0]));
    expect(count.tasks[1] / inside).toBeGreaterThan(5 * (count.tasks[0] / outside));
  });

  it('are quiet on a holiday, and who works then works at odd hours', () => {
    const hours = (startMs: number) =>
      starts(peaceful({ agents: 70, days: 1, seed: 'holiday', startMs }).events())
        .filter(({ agent }) => !/^(ops|pipeline)-/.test(agent))
        .map(({ timeMs }) => Math.floor(timeMs / HOUR_MS) % 24);
    const odd = (of: readonly number[]) => of.filter((hour) => hour < 7 || hour >= 20).length / of.length;
    // Fridays: Christmas Day 2026 and the week before.
    const [holiday, friday] = [hours(day(12, 25)), hours(day(12, 18))];
    expect(holiday.length).toBeGreaterThan(0);
    expect(holiday.length).toBeLessThan(0.3 * friday.length);
    expect(odd(holiday)).toBeGreaterThan(2 * odd(friday));
  });

  it('ask more of finance when a quarter ends: more tasks, long ones, exports', () => {
    const finance = (startMs: number) => {
      const fleet = peaceful({ agents: 60, days: 1, seed: 'close', startMs });
      const events = [...fleet.events()].filter(({ agent }) => agent.startsWith('payables-'));
      const calls = events.flatMap((event) => (event.type === 'argus.agent.metrics.v1' ? event.data.calls! : []));
      return { tasks: starts(events).length, exports: calls.filter(({ tool }) => tool === 'export_ledger').length / calls.length };
    };
    // Tuesdays: the last day of March and two weeks before.
    const [close, usual] = [finance(day(3, 31)), finance(day(3, 17))];
    expect(close.tasks).toBeGreaterThan(1.3 * usual.tasks);
    expect(close.exports).toBeGreaterThan(2 * usual.exports);
  });
});

describe('each attack', () => {
  const fleet = peaceful({ agents: 100, days: 1.5, seed: 'twins' });
  const windows = Map.groupBy(
    [...fleet.events()].filter((event) => event.type === 'argus.agent.metrics.v1'),
    (event) => `${event.agent} ${Math.floor(event.timeMs / 60_000)}`,
  );
  const calls = [...windows.values()].map((events) => events.flatMap(({ data }) => data.calls!));

  it.each([
    ['bulk out', (of: (typeof calls)[number]) => of.some(({ effect, argBytes }) => effect === 'write' && argBytes! > 50_000)],
    ['mass mail', (of) => of.filter(({ tool, provenance }) => tool === 'send_email' && provenance?.destCount === 1).length >= 5],
    ['secrets one after the other', (of) => of.filter(({ tool }) => /^(rotate_secret|create_deploy_key)$/.test(tool)).length >= 2],
    ['access granted', (of) => of.some(({ tool }) => /^(grant_access|add_collaborator|share_file|update_employee)$/.test(tool))],
    ['many passwords reset', (of) => of.filter(({ tool }) => tool === 'reset_password').length >= 2],
    ['money to a stranger', (of) => of.some(({ effect, provenance }) => effect === 'money' && provenance?.destNew === 1)],
    ['thirty calls a minute', (of) => of.length >= 30],
    [
      'orders from a page',
      (of) => of.some(({ effect, provenance }) => effect !== 'read' && provenance?.destOut === 1 && provenance.destNew === 1),
    ],
  ] as readonly (readonly [string, (of: (typeof calls)[number]) => boolean])[])('has a harmless twin: %s', (_, holds) => {
    const found = calls.filter(holds).length;
    expect(found).toBeGreaterThanOrEqual(3);
    expect(found / calls.length).toBeLessThan(0.15);
  });

  it('has a harmless twin: secrets that are read, seen by the gateway, and replaced', () => {
    const found = new Set<string | null>();
    const rotated = new Set<string | null>();
    for (const event of fleet.events()) {
      if (event.type === 'argus.io.validation.v1' && event.data.findings.some(({ kind }) => kind === 'secret_leak')) found.add(event.task);
      if (event.type !== 'argus.agent.metrics.v1') continue;
      if (event.data.calls!.some(({ tool }) => /^(rotate_secret|create_deploy_key)$/.test(tool))) rotated.add(event.task);
    }
    // Most gateways look at strangers' texts only: seldom, but it happens.
    expect(rotated.size).toBeGreaterThan(5);
    expect([...rotated].some((task) => found.has(task))).toBe(true);
    const read = planCall(toolNamed('read_file'), createRandom(1), 0, { gain: { kind: 'secret', secret: 0 } });
    const seen = Array.from({ length: 2000 }, (_, page) => judgeOutput(read, page, 'c', 't').validation.findings.length).filter(Boolean);
    expect(seen.length / 2000).toBeCloseTo(0.5, 1);
  });
});

/** Time between 0 and 6 UTC for which something holds, by minutes. */
function nightMs(startMs: number, endMs: number, holds: (timeMs: number) => boolean): number {
  let sum = 0;
  for (let timeMs = startMs; timeMs < endMs; timeMs += 60_000) if (new Date(timeMs).getUTCHours() < 6 && holds(timeMs)) sum += 60_000;
  return sum;
}
