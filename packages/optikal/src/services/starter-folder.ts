/** Where the bundle lies that ships with the package, and the name by which commands take it: `--bundle starter`. */
import { fileURLToPath } from 'node:url';

export const STARTER_NAME = 'starter';
export const STARTER_FOLDER = fileURLToPath(new URL('../../starter', import.meta.url));
