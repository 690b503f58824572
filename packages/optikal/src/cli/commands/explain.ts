/** `optikal explain`: why a window did or did not alert. */
import { DEFAULT_TENANT } from '@optikal/contracts';
import { InvalidArgumentError } from 'commander';
import { explainWindow, type WindowExplanation } from '../../services/explain.ts';
import { renderDriftAlert } from '../drift-alert.ts';
import { EXIT } from '../exit.ts';
import { type Colors, colorsFor, print, say } from '../io.ts';
import { attentionWords, partWords, uncertaintyWords } from '../margin-words.ts';
import type { Register } from '../register.ts';
import { likelihood, renderAllReasons } from '../render.ts';

export const explainCommand: Register = (program, io, done) => {
  program
    .command('explain')
    .description('why any scored window did or did not alert, by alert id or by agent and time')
    .argument('[alert-id]', 'id of an alert')
    .requiredOption('--data-dir <dir>', 'the data directory', 'var')
    .option('--agent <id>', 'the agent; with --at')
    .option('--at <time>', 'any moment inside the window: ISO 8601 or milliseconds', moment)
    .option('--tenant <id>', 'the tenant of the agent', DEFAULT_TENANT)
    .option('--json', 'machine-readable')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal explain 3f1c9a… --data-dir var/\n  optikal explain --agent support-3 --at 2026-01-05T14:02:00Z',
    )
    .action((alertId: string | undefined, flags: ExplainFlags, command) => {
      const { agent, at } = flags;
      if (alertId === undefined && (agent === undefined || at === undefined))
        command.error('error: expected ALERT-ID, or --agent and --at');
      const found = explainWindow(
        flags.dataDir,
        alertId !== undefined ? { alertId } : { tenant: flags.tenant, agent: agent!, timeMs: at! },
      ); // checked above
      if (flags.json === true) print(io, JSON.stringify(found));
      else {
        const colors = colorsFor(io, 'stdout');
        say(io, found.detector === 'drift' ? renderDriftAlert(found, colors) : render(found, colors), { hang: 2 });
      }
      done(EXIT.ok);
    });
};

interface ExplainFlags {
  readonly dataDir: string;
  readonly agent?: string;
  readonly at?: number;
  readonly tenant: string;
  readonly json?: boolean;
}

function moment(text: string): number {
  const value = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('expected ISO 8601 or milliseconds since 1970');
  return value;
}

function render(found: WindowExplanation, colors: Colors): string {
  const { bold, dim } = colors;
  const verdict = found.decision === 'alert' ? `alert (${found.threatType?.replaceAll('_', ' ')})` : 'no alert';
  const distance = found.margin - found.threshold;
  return [
    bold(
      `${found.agent}${found.role === null ? '' : ` (${found.role})`}, ${new Date(found.windowStartMs).toISOString()} to ${new Date(found.windowEndMs).toISOString().slice(11, 19)}: ${verdict}`,
    ),
    `margin ${found.margin.toFixed(2)} is ${Math.abs(distance).toFixed(2)} ${distance >= 0 ? 'above' : 'below'} the threshold ${found.threshold.toFixed(2)}; ${likelihood(found.probability, found.prevalence)}`,
    'what each model says, in standard deviations from the training mean, × its weight = its part of the margin:',
    ...partLines(found.parts, dim),
    ...sequenceLines(found.sequence),
    ...(found.decisiveCall === null ? [] : [`decisive call: ${found.decisiveCall.tool} ${dim(found.decisiveCall.callId)}`]),
    `the margin starts at ${found.baseValue.toFixed(2)}, and the window moves it:`,
    ...renderAllReasons(found.attributions, colors).map((line) => `  ${line}`),
    ...(found.driftAlert === null ? [] : [`another model under its name was found with this window: optikal explain ${found.driftAlert}`]),
    dim(`bundle ${found.fingerprint.slice(0, 12)}`),
  ].join('\n');
}

function partLines(parts: WindowExplanation['parts'], dim: Colors['dim']): string[] {
  const words = partWords(parts);
  const width = Math.max(0, ...words.map(({ name }) => name.length));
  return words.map(({ name, score, says, counts }) => {
    const line = `  ${name.padEnd(width)} ${score.padStart(6)} ${says}`;
    return counts ? line : dim(line);
  });
}

function sequenceLines(sequence: WindowExplanation['sequence']): string[] {
  if (sequence === null) return [];
  const { uncertainty, windows } = sequence;
  const attention = attentionWords(
    windows.map((window) => window.attention),
    windows.map(({ startMs }) => startMs),
  );
  return [`${uncertaintyWords(uncertainty)}; it looked at`, `  ${attention.join('  ')}`];
}
