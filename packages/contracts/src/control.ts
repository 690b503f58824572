/**
 * Control records: they live inside the log, so that everything after the log is a pure function of it. A model epoch takes
 * effect at an event time, never at the moment it is read.
 */
import Type, { type Static } from 'typebox';
import { Id, ShortText, TimeMs } from './ids.ts';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** `threshold` null = the bundle's own operating point. */
export const ModelEpochSchema = Type.Object({
  kind: Type.Literal('model_epoch'),
  bundle: Sha256,
  threshold: Type.Union([Type.Number(), Type.Null()]),
  backend: Type.Literal('local'),
  effectiveFromMs: TimeMs,
});
export type ModelEpoch = Static<typeof ModelEpochSchema>;

export const QuarantineSchema = Type.Object({
  kind: Type.Literal('quarantine'),
  tenant: Id,
  agent: Id,
  fromMs: TimeMs,
  untilMs: TimeMs,
  reason: ShortText,
});

export const ControlSchema = Type.Union([ModelEpochSchema, QuarantineSchema]);
export type Control = Static<typeof ControlSchema>;
