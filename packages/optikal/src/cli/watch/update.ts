/** The next state from a state and a message. Pure: what it wants from the outside it leaves in `wish`. */
import { parseFilter } from './filter.ts';
import { pageHeight } from './layout.ts';
import { entryOfRow, moved, nextSort, resized, selectedRow, toggled, toNewest, withNewer, withOlder } from './list.ts';
import { emptyList, type Message, type State } from './state.ts';
import { withoutLast } from './text.ts';
import { alertPage, explainCommand } from './view-alert.ts';
import { helpLines } from './view-help.ts';

/** A filter longer than this says nothing more. */
const PROMPT_CHARS = 200;

export function update(state: State, message: Message): State {
  switch (message.kind) {
    case 'resize':
      return resized({ ...state, size: message.size });
    case 'key':
      return onKey({ ...state, notice: null }, message.key);
    case 'paste':
      return state.prompt === null ? state : { ...state, prompt: typed(state.prompt, message.text) };
    case 'status':
      return { ...state, status: message.status, problem: null };
    case 'problem':
      return { ...state, problem: message.text };
    case 'reset':
      return { ...state, status: message.status, problem: null, opened: null, list: emptyList(message.before, state.list) };
    case 'newer':
      return reopened(withNewer(state, message.entries));
    case 'older':
      return withOlder(state, message.entries, message.before, message.complete);
    case 'detail':
      if (state.opened?.id !== message.id) return state;
      return message.detail === null
        ? { ...state, opened: null, notice: 'the alert is gone' }
        : { ...state, opened: { ...state.opened, detail: message.detail } };
  }
}

/** An alert that is open shows its last revision. */
function reopened(state: State): State {
  const { opened, list } = state;
  const entry = opened === null ? undefined : list.items.get(opened.id)?.entry;
  return opened === null || entry === undefined || entry === opened.entry ? state : { ...state, opened: { ...opened, entry } };
}

function onKey(state: State, key: string): State {
  if (key === '<ctrl-c>') return { ...state, wish: { kind: 'quit' } };
  if (key === '<ctrl-z>') return { ...state, wish: { kind: 'suspend' } };
  if (key === '<ctrl-l>') return { ...state, wish: { kind: 'repaint' } };
  if (state.prompt !== null) return onPromptKey(state, state.prompt, key);
  if (key === 'q') return { ...state, wish: { kind: 'quit' } };
  if (state.help !== null) return onHelpKey(state, state.help, key);
  if (key === '?') return { ...state, help: 0 };
  return state.opened === null ? onListKey(state, key) : onAlertKey(state, key);
}

function onListKey(state: State, key: string): State {
  switch (key) {
    case 'j':
    case '<down>':
      return moved(state, (at) => at + 1);
    case 'k':
    case '<up>':
      return moved(state, (at) => at - 1);
    case '<pgdn>':
    case ' ':
      return moved(state, (at, height) => at + height);
    case '<pgup>':
      return moved(state, (at, height) => at - height);
    case 'g':
    case '<home>':
      return moved(state, () => 0);
    case 'G':
    case '<end>':
      return moved(state, (_, __, last) => last);
    case '<tab>':
      return toggled(state);
    case '<right>':
    case 'l':
      return toggled(state, true);
    case '<left>':
    case 'h':
      return toggled(state, false);
    case '<enter>':
      return opened(state);
    case 's':
      return nextSort(state);
    case 'f':
      return state.list.follow ? { ...state, list: { ...state.list, follow: false } } : toNewest(state, true);
    case 'n':
      return toNewest(state, false);
    case '/':
      return { ...state, prompt: state.filter.text };
    case '<esc>':
      return state.filter.text === '' ? state : filtered(state, '');
    default:
      return state;
  }
}

function onPromptKey(state: State, prompt: string, key: string): State {
  switch (key) {
    case '<esc>':
      return { ...state, prompt: null };
    case '<enter>':
      return filtered(state, prompt);
    case '<backspace>':
      return { ...state, prompt: withoutLast(prompt) };
    case '<ctrl-u>':
      return { ...state, prompt: '' };
    case '<ctrl-w>':
      return { ...state, prompt: prompt.replace(/\S*\s*$/, '') };
    default:
      return key.startsWith('<') && key.length > 1 ? state : { ...state, prompt: typed(prompt, key) };
  }
}

function typed(prompt: string, text: string): string {
  return `${prompt}${text.replaceAll(/\s+/g, ' ')}`.slice(0, PROMPT_CHARS);
}

/** Reads anew from the newest back: what a filter left out was not kept. */
function filtered(state: State, text: string): State {
  const parsed = parseFilter(text);
  if ('wrong' in parsed) return { ...state, notice: parsed.wrong };
  const list = state.status === null ? state.list : emptyList(Number.MAX_SAFE_INTEGER, state.list);
  return { ...state, filter: parsed.filter, prompt: null, list };
}

/** A cursor that was carried off the screen is shown first: nobody opens what he did not point at. */
function opened(state: State): State {
  const row = selectedRow(state.list);
  if (row === null) return moved(state, () => 0);
  const entry = entryOfRow(state.list, row);
  return { ...state, opened: { id: entry.id, entry, detail: null, top: 0 }, list: { ...state.list, follow: false } };
}

function onAlertKey(state: State, key: string): State {
  const height = pageHeight(state.size);
  switch (key) {
    case '<esc>':
    case '<enter>':
    case '<left>':
    case 'h':
      return { ...state, opened: null };
    case 'n':
      return neighbour(state, 1);
    case 'p':
      return neighbour(state, -1);
    case 'c':
      return {
        ...state,
        wish: { kind: 'copy', text: explainCommand(state) },
        notice: 'the command was sent to the clipboard of this terminal',
      };
    case '<tab>':
      return scrolled(state, (top, sections) => sections.find((line) => line > top) ?? top);
    case '<backtab>':
      return scrolled(state, (top, sections) => sections.findLast((line) => line < top) ?? 0);
    default: {
      const step = stepOf(key, height);
      return step === null ? state : scrolled(state, (top) => top + step);
    }
  }
}

function stepOf(key: string, height: number): number | null {
  switch (key) {
    case 'j':
    case '<down>':
      return 1;
    case 'k':
    case '<up>':
      return -1;
    case '<pgdn>':
    case ' ':
      return height;
    case '<pgup>':
      return -height;
    case 'g':
    case '<home>':
      return Number.NEGATIVE_INFINITY;
    case 'G':
    case '<end>':
      return Number.POSITIVE_INFINITY;
    default:
      return null;
  }
}

function scrolled(state: State, to: (top: number, sections: readonly number[]) => number): State {
  if (state.opened === null) return state;
  const { lines, sections } = alertPage(state);
  const top = clamp(to(state.opened.top, sections), lines.length - pageHeight(state.size));
  return { ...state, opened: { ...state.opened, top } };
}

/** An unfolded group and its newest alert are two rows with one alert: the next one is another alert. */
function neighbour(state: State, step: 1 | -1): State {
  for (let next = state; ; ) {
    const further = moved(next, (at) => at + step);
    if (further.list.selected === next.list.selected)
      return { ...state, notice: step > 0 ? 'this is the last one' : 'this is the first one' };
    next = further;
    const there = opened(next);
    if (there.opened?.id !== state.opened?.id) return there;
  }
}

function onHelpKey(state: State, top: number, key: string): State {
  const height = pageHeight(state.size);
  const step = stepOf(key, height);
  if (step === null) return { ...state, help: null };
  return { ...state, help: clamp(top + step, helpLines(state.size.columns).length - height) };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
