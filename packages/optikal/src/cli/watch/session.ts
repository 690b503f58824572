/**
 * Keeps state, source and screen together: looks at the data directory a few times a second, reads what the screen wants in slices of some
 * milliseconds, and draws. The only file of this folder that is not pure. An idle directory costs four cheap queries a second and no bytes.
 */

import { BusError } from '../../bus/errors.ts';
import type { AlertPage, WatchSource } from '../../services/watch.ts';
import type { OpenedAlert } from '../../services/watch-alert.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openTerminal, type Terminal } from '../terminal/terminal.ts';
import type { Filter } from './filter.ts';
import { initialState, type Message, type State, wantsOlder } from './state.ts';
import { update } from './update.ts';
import { view } from './view.ts';

const LOOK_MS = 250;
/** Alerts read at once: some milliseconds. */
const PAGE = 250;
/** How long slices may go on before keys and frames get their turn. */
const BUDGET_MS = 12;

export async function runSession(io: Io, source: WatchSource, filter: Filter): Promise<number> {
  const stop = io.stop();
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<number>();
  let state: State | null = null;
  let newest = 0;
  let search: OpenedAlert | null = null;
  let searched: string | null = null;
  let worker: NodeJS.Immediate | null = null;

  /** What a disk can do to us is shown, and tried again with the next look. */
  const lost = (error: unknown) => {
    if (!(error instanceof BusError)) throw error;
    source.close();
    send({ kind: 'problem', text: `${error.code}: ${error.message}` });
  };
  /** A defect anywhere ends the session with the terminal restored. */
  const guarded = (work: () => void) => () => {
    try {
      try {
        work();
      } catch (error) {
        lost(error);
      }
    } catch (error) {
      fail(error);
    }
  };
  const send = (message: Message) => {
    if (state === null) return;
    state = update(state, message);
    const { wish } = state;
    if (wish !== null) {
      state = { ...state, wish: null };
      if (wish.kind === 'quit') end(EXIT.ok);
      else if (wish.kind === 'suspend') terminal.suspend();
      else if (wish.kind === 'repaint') terminal.repaint();
      else if (wish.kind === 'copy') terminal.copy(wish.text);
    }
    startSearch();
    schedule();
    terminal.draw();
  };
  const startSearch = () => {
    const id = state?.opened === null || state === null ? null : `${state.opened.id} ${state.opened.entry.revision}`;
    if (id === searched) return;
    searched = id;
    search = null;
    if (state?.opened == null || !source.ready) return;
    const opened = state.opened.id;
    search = source.open(opened);
    send({ kind: 'detail', id: opened, detail: search?.detail ?? null });
  };
  /** One slice of whatever is wanted, the most urgent first; false = nothing is. */
  const step = (): boolean => {
    if (state === null || !source.ready) return false;
    if (search !== null && state.opened !== null) {
      const detail = search.next();
      if (detail.search.done) search = null;
      send({ kind: 'detail', id: state.opened.id, detail });
      return true;
    }
    if (wantsOlder(state)) {
      const page: AlertPage = source.older(state.list.before, PAGE);
      send({ kind: 'older', entries: page.entries, before: page.cursor, complete: page.complete });
      return true;
    }
    return source.count();
  };
  const schedule = () => {
    worker ??= setImmediate(
      guarded(() => {
        worker = null;
        const until = performance.now() + BUDGET_MS;
        let more = true;
        while (more && performance.now() < until) more = step();
        if (more) schedule();
      }),
    );
  };
  const look = () => {
    const found = source.look(Date.now());
    if (found.kind === 'same') return;
    if ('error' in found) {
      search = null;
      send({
        kind: 'problem',
        text: found.kind === 'absent' ? `waiting for ${source.name}/bus.db` : `${found.error.code}: ${found.error.message}`,
      });
      return;
    }
    if (found.kind === 'opened') {
      newest = found.newest;
      send({ kind: 'reset', status: found.status, before: newest + 1 });
      return;
    }
    send({ kind: 'status', status: found.status });
    for (let complete = false; !complete; ) {
      const page = source.newer(newest, PAGE);
      newest = page.cursor;
      complete = page.complete;
      if (page.entries.length > 0) send({ kind: 'newer', entries: page.entries });
    }
  };

  const terminal: Terminal = openTerminal({
    input: io.stdin,
    output: io.stdout,
    onInput: (one) => guarded(() => send(one))(),
    onResize: (size) => guarded(() => send({ kind: 'resize', size }))(),
    frame: () => {
      try {
        if (state !== null) return { lines: view(state), columns: state.size.columns };
      } catch (error) {
        fail(error);
      }
      return { lines: [], columns: 1 };
    },
  });
  state = initialState({ size: terminal.size(), source: source.name, colors: (io.env.NO_COLOR ?? '') === '', filter });
  const onStop = () => end(EXIT.interrupted);
  stop.addEventListener('abort', onStop, { once: true });
  process.once('SIGHUP', onStop);
  const timer = setInterval(guarded(look), LOOK_MS);
  try {
    guarded(look)();
    return await ended;
  } finally {
    clearInterval(timer);
    if (worker !== null) clearImmediate(worker);
    process.off('SIGHUP', onStop);
    stop.removeEventListener('abort', onStop);
    terminal.close();
  }
}
