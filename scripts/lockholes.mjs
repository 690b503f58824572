/**
 * Says whether package-lock.json is whole: every optional dependency that a package names (the binaries of other platforms) has its entry,
 * or `npm ci` fails at once; and no entry says where it was downloaded from, so that any registry can serve the install.
 * Plain JavaScript, for it must run before anything is installed. Prints `no holes` and exits 0, or lists what is wrong and exits 1.
 */
import { readFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

/** As Node resolves: the entry beside the package, else in each folder above it. */
function hasEntry(from, name) {
  let folder = from;
  for (;;) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
}

const problems = [];
for (const [path, entry] of Object.entries(packages)) {
  const label = `${path === '' ? 'the root' : path} ${entry.version ?? ''}`.trim();
  const missing = Object.keys(entry.optionalDependencies ?? {}).filter((name) => !hasEntry(path, name));
  if (missing.length > 0) problems.push(`${label}: ${missing.length} optional dependencies lack an entry, such as ${missing[0]}`);
  if (/^[a-z+]+:/i.test(entry.resolved ?? '')) problems.push(`${label}: names the address it was downloaded from`);
}
for (const problem of problems) console.log(problem);
if (problems.length === 0) console.log('no holes');
else process.exitCode = 1;
