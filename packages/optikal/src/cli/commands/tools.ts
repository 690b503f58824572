/** `optikal tools`: tools that nobody knows, by traffic. */
import type { Register } from '../register.ts';

export const toolsCommand: Register = () => {};
