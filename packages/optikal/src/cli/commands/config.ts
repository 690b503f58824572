/** `optikal config`: prints, writes and checks the configuration. */
import type { Register } from '../register.ts';

export const configCommand: Register = () => {};
