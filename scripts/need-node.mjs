/**
 * Stops with one readable sentence where Node is too old. Plain JavaScript: a Node that is too old may not even read TypeScript.
 * `npm run` and `npx` use the Node that `npm ci` put into node_modules; a bare `node` uses the system's.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 6)) {
  console.error(
    `expected Node 24.6 or newer, found ${process.versions.node}: run \`npm ci\` (with optional dependencies), then start through \`npm test\`, \`npm run NAME\` or \`npx node FILE\``,
  );
  process.exit(1);
}
