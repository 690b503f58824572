/** What the keys do, in words: the help shows this table, and `update` handles each of its keys. */

export interface KeyHelp {
  readonly keys: string;
  readonly what: string;
}

export const LIST_KEYS: readonly KeyHelp[] = [
  { keys: 'j k ↓ ↑', what: 'down, up' },
  { keys: 'PgDn PgUp', what: 'a screen down, up' },
  { keys: 'g G Home End', what: 'first, last of what is loaded' },
  { keys: 'Enter', what: 'open the alert; of a group, its newest' },
  { keys: 'Tab → ←', what: 'unfold, fold the group under the cursor' },
  { keys: '/', what: 'filter; Enter applies, Esc leaves it as it was' },
  { keys: 'Esc', what: 'clear the filter' },
  { keys: 's', what: 'sort by time, severity, probability, agent' },
  { keys: 'f', what: 'follow the newest alerts, or hold still' },
  { keys: 'n', what: 'to the newest alert, without following' },
];

export const ALERT_KEYS: readonly KeyHelp[] = [
  { keys: 'j k ↓ ↑ PgDn PgUp g G', what: 'scroll' },
  { keys: 'Tab Shift-Tab', what: 'next, previous section' },
  { keys: 'n p', what: 'next, previous alert of the list' },
  { keys: 'c', what: 'put the explain command into the clipboard (OSC 52)' },
  { keys: 'Esc Enter ←', what: 'back to the list' },
];

export const EVERYWHERE_KEYS: readonly KeyHelp[] = [
  { keys: '?', what: 'this help' },
  { keys: 'Ctrl-L', what: 'draw the screen anew' },
  { keys: 'Ctrl-Z', what: 'suspend; fg brings it back' },
  { keys: 'q Ctrl-C', what: 'quit' },
];
