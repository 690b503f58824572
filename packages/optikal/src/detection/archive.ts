/**
 * A scored window as it is kept: enough to explain it again with its bundle ("why no alert at 14:02?") and to retrain. Rows are base64 of
 * little-endian doubles: exact and small. Only the decisive call's row is kept; the calls themselves are in the log.
 */
import type { Analysis } from './analyse.ts';
import type { Judgement, Rows } from './ensemble/judge.ts';
import { StepList } from './steps.ts';

export interface ArchivedWindow {
  readonly role: string | null;
  readonly margin: number;
  readonly threshold: number;
  readonly alerted: boolean;
  readonly bases: Readonly<Record<string, number | null>>;
  readonly row: string;
  /** The sequence, where a base judged it. */
  readonly steps?: string;
  readonly call: { readonly row: string; readonly callId: string; readonly tool: string } | null;
}

export interface JudgedWindow {
  readonly analysis: Analysis;
  readonly judgement: Judgement;
  readonly threshold: number;
  readonly alerted: boolean;
  readonly role: string | null;
  /** A base judged the sequence: it is kept. */
  readonly withSequence: boolean;
}

export function archiveWindow({ analysis, judgement, threshold, alerted, role, withSequence }: JudgedWindow): string {
  const top = judgement.topCall < 0 ? null : analysis.facts.calls[judgement.topCall]!.call.call;
  const archived: ArchivedWindow = {
    role,
    margin: judgement.margin,
    threshold,
    alerted,
    bases: Object.fromEntries(judgement.bases.map(({ name, margin }) => [name, margin])),
    row: encodeRow(analysis.row),
    ...(withSequence ? { steps: analysis.steps.text } : {}),
    call: top === null ? null : { row: encodeRow(analysis.callRows[judgement.topCall]!), callId: top.callId, tool: top.tool },
  };
  return JSON.stringify(archived);
}

/** The rows and the judgement that `archiveWindow` kept, for `attribute`. */
export function restoreWindow(body: string): { readonly archived: ArchivedWindow; readonly rows: Rows; readonly judgement: Judgement } {
  const archived = JSON.parse(body) as ArchivedWindow; // written by archiveWindow, read from the same database
  return {
    archived,
    rows: {
      row: decodeRow(archived.row),
      callRows: archived.call === null ? [] : [decodeRow(archived.call.row)],
      sequence: archived.steps === undefined ? [] : StepList.parse(archived.steps).steps,
    },
    judgement: {
      margin: archived.margin,
      bases: Object.entries(archived.bases).map(([name, margin]) => ({ name, margin })),
      topCall: archived.call === null ? -1 : 0,
    },
  };
}

function encodeRow(row: Float64Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('base64');
}

function decodeRow(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  const row = new Float64Array(bytes.length >> 3);
  for (let i = 0; i < row.length; i++) row[i] = bytes.readDoubleLE(8 * i);
  return row;
}
