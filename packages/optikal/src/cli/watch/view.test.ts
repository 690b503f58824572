import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { columnsOf } from './layout.ts';
import type { Size, State } from './state.ts';
import { detail, entry, keys, screen, send, status, typing } from './test-support/samples.ts';
import { view } from './view.ts';

const WIDE = { columns: 120, rows: 40 };
const USUAL = { columns: 80, rows: 24 };
const SMALL = { columns: 40, rows: 10 };

const ALERTS = [
  entry(1, { agent: 'ops-0089', threat: 'resource_abuse', severity: 'medium', probability: 0.42 }),
  entry(2, { agent: 'ops-0089', threat: 'resource_abuse', severity: 'medium', probability: 0.47, learning: true }),
  entry(3, { agent: 'people-0061', threat: 'privilege_escalation', severity: 'critical', probability: 0.996, paired: true }),
  entry(4, { agent: 'code-7', tenant: 'acme', severity: 'low', probability: 0.004, decision: 'withdrawn', paired: true }),
  entry(60, { agent: 'support-3', paired: true }),
];

/** A frame between walls, so that its width is seen. */
const framed = (state: State) =>
  view(state)
    .map((line) => `|${line.padEnd(state.size.columns)}|`)
    .join('\n');

describe('the list, exactly', () => {
  test('at 120 × 20', () => {
    expect(framed(screen({ ...WIDE, rows: 20 }, ALERTS))).toMatchInlineSnapshot(`
      "|optikal watch var/  critical 2  high 7  medium 20  low 1  writer running, pid 4123  lag 0  43 events/s  withdrawn 4     |
      |last commit 2026-01-05 11:00:00  dead letters 1  late 3  open windows 18  agents 100  records 16,312                    |
      |model 8603898b90d7 at 2.31  log clock 01-05 11:00:00                                                                    |
      |   TIME UTC    SEVERITY ATTACK AGENT              THREAT               TIMES IS           WHAT                          |
      |>  01-05 10:00 high       83 % support-3          data exfiltration          confirmed    agent-60 called send_email af…|
      |   01-05 09:04 low        <1 % acme/code-7        data exfiltration          withdrawn    agent-4 called send_email aft…|
      |   01-05 09:03 critical  >99 % people-0061        privilege escalation       confirmed    agent-3 called send_email aft…|
      | + 01-05 09:02 medium     47 % ops-0089           resource abuse       ×2    final L      agent-2 called send_email aft…|
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      |                                                                                                                        |
      | agent-60 called send_email after reading what search_web returned: looks like data exfiltration.                       |
      |                                                                                                                        |
      |j/k move  Enter open  / filter  ? help  q quit  f follow  n newest  Tab unfold  s sort                     following 1/4|"
    `);
  });
  test('at 80 × 16', () => {
    expect(framed(screen({ ...USUAL, rows: 16 }, ALERTS))).toMatchInlineSnapshot(`
      "|optikal watch var/  critical 2  high 7  medium 20  low 1  lag 0  43 events/s    |
      |writer running, pid 4123  last commit 2026-01-05 11:00:00  withdrawn 4  late 3  |
      |   TIME UTC    SEVERITY ATTACK AGENT               THREAT               TIMES IS|
      |>  01-05 10:00 high       83 % support-3           data exfiltration          C |
      |   01-05 09:04 low        <1 % acme/code-7         data exfiltration          W |
      |   01-05 09:03 critical  >99 % people-0061         privilege escalation       C |
      | + 01-05 09:02 medium     47 % ops-0089            resource abuse       ×2     L|
      |                                                                                |
      |                                                                                |
      |                                                                                |
      |                                                                                |
      |                                                                                |
      |                                                                                |
      | agent-60 called send_email after reading what search_web returned: looks like  |
      | data exfiltration.                                                             |
      |j/k move  Enter open  / filter  ? help  q quit  f follow  n newest following 1/4|"
    `);
  });
  test('at 40 × 10', () => {
    expect(framed(keys(screen(SMALL, ALERTS), 'j', 'j', 'j', '<tab>'))).toMatchInlineSnapshot(`
      "|var/  CRIT 2  HIGH 7  MED 20  LOW 1     |
      |writer running, pid 4123  lag 0  late 3 |
      |   10:00 HIGH support-3  data exf…      |
      |   09:04 LOW  acme/code… data exf…      |
      |   09:03 CRIT people-00… privileg…      |
      |>- 09:02 MED  ops-0089   resource… ×2   |
      |   09:02 MED    ops-0089 resource…      |
      |   09:01 MED    ops-0089 resource…      |
      | agent-2 called send_email after…       |
      |j/k move  Enter open  ? help holding 4/6|"
    `);
  });
});

describe('an alert, exactly', () => {
  const opened = (size: Size) => {
    const state = keys(screen(size, ALERTS), '<enter>');
    return send(state, { kind: 'detail', id: entry(60).id, detail: detail() });
  };
  test('at 100 × 64', () => {
    expect(framed(opened({ columns: 100, rows: 64 }))).toMatchInlineSnapshot(`
      "|01-05 10:00 support-3: data exfiltration                                                            |
      |high  confirmed  83 % likely an attack, if 1 % of all windows are one                               |
      |agent-60 called send_email after reading what search_web returned: looks like data exfiltration.    |
      |agent support-3  role support_desk  window 2026-01-05 10:00 to 10:01 UTC  session s-1  task t-1     |
      |margin 4.12, threshold 2.88  confidence 0.88  planes behaviour, content  detector ensemble          |
      |                                                                                                    |
      |The calls that matter                                                                               |
      | * 10:00:20 turn 2   send_email                       write, ok, score 3.7                          |
      |    1 destination taken from an output                                                              |
      |    read before: 1 output, 2,400 bytes; arguments: 2 from outputs, 1 destination, 1 of them from    |
      |    outputs, 1 of them new to the agent, 30 % of the words from outputs, 10 % asked for             |
      |    policy: permit send_email (risk 0.46)                                                           |
      |                                                                                                    |
      |Why (the margin starts at 0.02, and the window moves it)                                            |
      |  +1.15 ████████████████ rarest tool for the role: 1 in 22,000 (usually 1 in 7.4)                   |
      |  -0.40 ██████           errors a minute: 0 errors (usually 1 error)                                |
      |  +0.10 █                highest injection score: not observed                                      |
      |                                                                                                    |
      |Base scores (standard deviations from the training mean) × weight = part of the margin              |
      | boosting   3.10 × 1.30 = +4.03, 100 %                                                              |
      | forest    -0.40 weight 0: no part in the decision                                                  |
      |                                                                                                    |
      |Which threat, if it is an attack                                                                    |
      | data exfiltration        81 % ██████████████████████████████                                       |
      | credential abuse         12 % ████                                                                 |
      | prompt injection          5 % ██                                                                   |
      | resource abuse            1 %                                                                      |
      | privilege escalation      1 %                                                                      |
      | behavioral drift     no model                                                                      |
      |                                                                                                    |
      |Revisions                                                                                           |
      | 1 early  alert  high  61 %  margin 3.40  data exfiltration                                         |
      | 2 final  alert  high  83 %  margin 4.12  data exfiltration                                         |
      |                                                                                                    |
      |support-3 before this window                                                                        |
      | ▁▂▄▅▆                                                                                              |
      |    ^^                                                                                              |
      | 5 scored windows from 01-05 09:56 on, this one at the right; margins -1.00 to 4.12; ▅ and higher:  |
      | at or above the threshold 2.88; ^ alerted                                                          |
      | 01-05 09:59 MED  55 % data exfiltration                                                            |
      |                                                                                                    |
      |Deploys near this window                                                                            |
      | 01-05 09:50 deploy version 2.1                                                                     |
      |                                                                                                    |
      |All of this window                                                                                  |
      |   10:00:01 lifecycle: task t-1 started, request of 119 characters                                  |
      |   10:00:10 turn 1   search_web                       read, ok                                      |
      |    gateway: block tool output 0.93 (prompt_injection)                                              |
      | * 10:00:20 turn 2   send_email                       write, ok, score 3.7                          |
      |    1 destination taken from an output                                                              |
      |    read before: 1 output, 2,400 bytes; arguments: 2 from outputs, 1 destination, 1 of them from    |
      |    outputs, 1 of them new to the agent, 30 % of the words from outputs, 10 % asked for             |
      |    policy: permit send_email (risk 0.46)                                                           |
      |                                                                                                    |
      |Tags                                                                                                |
      | MITRE ATLAS AML.T0086 (5.6.0)  OWASP Agentic ASI02 (2026)                                          |
      |                                                                                                    |
      |Correlation ids                                                                                     |
      | 59cd40ad903714de                                                                                   |
      |                                                                                                    |
      |Model                                                                                               |
      | bundle 8603898b90d7  features fused1  backend local                                                |
      |                                                                                                    |
      |j/k scroll  Esc back  n/p next  Tab section  c copy  ? help  q quit                     4 more below|"
    `);
  });
  test('at 40 × 10, from its second section on', () => {
    expect(framed(keys(opened(SMALL), '<tab>', '<tab>'))).toMatchInlineSnapshot(`
      "|01-05 10:00 support-3: data exfiltration|
      |Why (the margin starts at 0.02, and the…|
      |  +1.15 rarest tool for the role: 1 in  |
      |        22,000 (usually 1 in 7.4)       |
      |  -0.40 errors a minute: 0 errors       |
      |        (usually 1 error)               |
      |  +0.10 highest injection score: not    |
      |        observed                        |
      |                                        |
      |j/k scroll  Esc back       65 more below|"
    `);
  });

  test('says what is not there: its bundle, its calls, its archive, its final revision', () => {
    const { alert } = detail();
    const bare = detail({
      bundleKept: false,
      lines: [],
      windows: [],
      earlier: [],
      deploys: [],
      revisions: [{ ...alert, revision: 1 }],
      search: { records: 500_000, done: true, whole: false },
    });
    const state = send(keys(screen({ columns: 120, rows: 80 }, ALERTS), '<enter>'), { kind: 'detail', id: alert.id, detail: bare });
    const text = view(state).join('\n');
    for (const said of [
      'its bundle is missing from the data directory: explain and verify need it',
      'nothing of this window is among the 500,000 records of the log near its time',
      'no scored window is kept: its archive has expired',
      'none in the 500,000 records of the log around it',
      '2 final  to come when the window closes',
      '* 10:00:20 turn 2   send_email',
    ])
      expect(text).toContain(said);
  });

  test('breaks its commands so that they can be pasted into a shell', () => {
    const text = view(keys(opened({ columns: 50, rows: 10 }), 'G'))
      .slice(1, -1)
      .join('\n');
    expect(text).toContain(`--data-dir var/`);
    for (const line of text.split('\n').slice(-4, -1)) if (line.startsWith(' optikal')) expect(line).toMatch(/ \\$/);
  });
});

describe('what a reader must see', () => {
  const text = (state: State) => view(state).join('\n');

  test('a directory that is not there yet, one of another version, one without alerts', () => {
    const start = send(screen(USUAL, []), { kind: 'problem', text: 'waiting for var/bus.db' });
    expect(text(start)).toContain('waiting for var/bus.db');
    expect(
      text(send(start, { kind: 'reset', status: status(), before: 1 }, { kind: 'older', entries: [], before: 0, complete: true })),
    ).toContain('no alerts');
    expect(text(screen(USUAL, []))).not.toContain('waiting');
  });

  test('a writer that is gone, a lag, a missing bundle', () => {
    const state = send(screen(WIDE, ALERTS), {
      kind: 'status',
      status: status({
        writer: { running: false, pid: null, words: 'not running' },
        lag: 1234,
        model: { fingerprint: 'ab'.repeat(32), threshold: null, kept: false },
      }),
    });
    for (const said of ['writer not running', 'lag 1,234', 'model abababababab (its bundle is missing)'])
      expect(text(state)).toContain(said);
  });

  test('what HTTP does not know, on the list and on a page', () => {
    const none = {
      records: null,
      eventsPerSecond: null,
      lag: null,
      late: null,
      deadLetters: null,
      openWindows: null,
      agents: null,
      model: null,
      writer: null,
      lastCommitMs: null,
    };
    const state = send(screen(WIDE, ALERTS), { kind: 'status', status: status({ remote: true, ...none }) });
    expect(text(state)).toContain('not known over HTTP: lag, events/s, records, agents, late, dead letters, model, writer');
    expect(text(state)).not.toContain('no model in force');
    const remote = detail({ remote: true, lines: [], windows: [], deploys: [], search: { records: 0, done: true, whole: false } });
    const page = text(
      send(keys({ ...state, size: { columns: 120, rows: 90 } }, '<enter>'), { kind: 'detail', id: remote.alert.id, detail: remote }),
    );
    expect(page.match(/not known over HTTP/g)).toHaveLength(3);
    expect(page).toContain('* 10:00:20 turn 2   send_email');
  });

  test('the filter as it is typed, why it is refused, and how to clear one that matches nothing', () => {
    const typed = keys(screen(USUAL, ALERTS), '/', ...typing('severity:loud'));
    expect(view(typed).at(-1)).toBe('/severity:loud_');
    expect(view(keys(typed, '<enter>')).at(-1)).toContain('severity is one of low, medium, high, critical');
    const none = send(keys(screen(USUAL, ALERTS), '/', ...typing('agent:nobody'), '<enter>'), {
      kind: 'older',
      entries: ALERTS,
      before: 0,
      complete: true,
    });
    expect(text(none)).toContain('no alert matches agent:nobody (5 looked at); Esc clears the filter');
    expect(keys(none, '<esc>').filter.text).toBe('');
    expect(keys(typed, '<esc>').prompt).toBeNull();
    expect(keys(typed, '<ctrl-w>', 'x', 'y', '<backspace>').prompt).toBe('x');
    expect(send(keys(typed, '<ctrl-u>'), { kind: 'paste', text: 'a\nq' }).prompt).toBe('a q');
  });

  test('more alerts than are loaded, and new ones that came meanwhile', () => {
    const state = send(keys(screen(USUAL, ALERTS), 'j'), { kind: 'newer', entries: [entry(70)] });
    expect(view(state).at(-1)).toMatch(/1 new: n 3\/5$/);
  });

  test('the same without colours: a sign or a word for everything, and no escape sequence', () => {
    const plain = keys(screen(WIDE, ALERTS), 'j', '<tab>');
    expect(text(plain)).not.toContain('\x1b');
    const colored = { ...plain, colors: true };
    expect(text(colored)).toContain('\x1b[7m');
    expect(
      text(colored)
        .replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '')
        .replaceAll(/ +$/gm, ''),
    ).toBe(text(plain).replaceAll(/ +$/gm, ''));
  });
});

describe('hostile texts', () => {
  const bad = 'x\x1b[2J\x07\u202Egnp\u200B数据😀e\u0301\u0301\u0301\u0301\n';
  const hostile = [
    entry(60, { agent: bad, tenant: bad, sentence: bad.repeat(20), paired: true }),
    entry(2, { sentence: '数'.repeat(300) }),
  ];
  const { alert, lines } = detail();
  const poisoned = detail({
    alert: {
      ...alert,
      agent: bad,
      role: bad,
      session: bad,
      tasks: [bad],
      detector: bad,
      correlationIds: [bad],
      note: bad,
      baseScores: { [bad]: 1 },
      evidence: alert.evidence.map((call) => ({ ...call, tool: bad, reasons: [bad] })),
    },
    lines: lines.map((line) =>
      line.kind === 'call'
        ? { ...line, call: { ...line.call, tool: bad, errorKind: bad, ok: false }, gateway: [bad], policy: [bad] }
        : { ...line, text: bad },
    ),
    deploys: [{ timeMs: 0, text: bad }],
  });

  test('are spelled out and never reach the terminal, on any screen of any size', () => {
    const step = fc.constantFrom('j', 'k', 'G', 'g', '<pgdn>', '<tab>', '<enter>', '<esc>', 's', 'n', 'f', '?', 'p', 'c');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 45 }),
        fc.array(step, { maxLength: 8 }),
        fc.boolean(),
        (columns, rows, pressed, colors) => {
          let state = screen({ columns, rows }, hostile, colors);
          state = send({ ...state, source: bad }, { kind: 'problem', text: bad });
          for (const key of pressed) {
            state = keys(state, key);
            if (state.opened !== null) state = send(state, { kind: 'detail', id: state.opened.id, detail: poisoned });
            const frame = view(state);
            expect(frame).toHaveLength(rows);
            for (const line of frame) {
              expect(stringWidth(line)).toBeLessThanOrEqual(columns);
              expect(line.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a screen that is hardly there', () => {
  test('is answered too, whatever is open on it', () => {
    for (let columns = 1; columns <= 24; columns++) {
      const opened = send(keys(screen({ columns, rows: 6 }, ALERTS), '<enter>'), { kind: 'detail', id: entry(60).id, detail: detail() });
      for (const state of [keys(opened, 'G', '<tab>', '<backtab>', 'n', 'p'), keys(opened, '?', 'G'), keys(opened, '<esc>', 'G')]) {
        expect(view(state)).toHaveLength(6);
        for (const line of view(state)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('columns', () => {
  test('fit at every width, and go in the order that the page names', () => {
    const gone: string[] = [];
    let before = columnsOf(160).map(({ name }) => name);
    for (let columns = 160; columns >= 20; columns--) {
      const now = columnsOf(columns);
      expect(3 + now.reduce((sum, { width }) => sum + width + 1, -1)).toBeLessThanOrEqual(columns);
      const names = now.map(({ name }) => name);
      gone.push(...before.filter((name) => !names.includes(name)));
      before = names;
    }
    expect(gone).toEqual(['what', 'probability', 'standing', 'count', 'threat', 'time']);
    expect(before).toEqual(['severity', 'agent']);
  });
});
