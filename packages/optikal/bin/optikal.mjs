#!/usr/bin/env node
/** The `optikal` command. Plain JavaScript, so that an older Node can say what it lacks; a Node that runs TypeScript goes on with src/cli/main.ts. */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 6)) {
  process.stderr.write(
    `optikal needs Node 24.6 or newer, this is ${process.versions.node}: run it with npx or npm run inside the project\n`,
  );
  process.exit(2);
}
await import('../src/cli/main.ts');
