/** `optikal watch`: terminal triage over a data directory, running or stopped. */
import type { Register } from '../register.ts';

export const watchCommand: Register = () => {};
