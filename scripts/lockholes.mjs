import fs from 'fs';
const l = JSON.parse(fs.readFileSync(process.argv[2] ?? 'package-lock.json'));
const P = l.packages;
const has = (from, n) => {
  let p = from;
  for (;;) {
    const k = (p ? p + '/' : '') + 'node_modules/' + n;
    if (P[k]) return true;
    if (!p) return false;
    const i = p.lastIndexOf('/node_modules/');
    p = i < 0 ? '' : p.slice(0, i);
    if (p === '' && from === '') return false;
  }
};
const out = {};
for (const [k, v] of Object.entries(P))
  for (const [n, r] of Object.entries({ ...v.optionalDependencies }))
    if (!has(k, n)) (out[(k || 'ROOT') + '@' + (v.version ?? '')] ??= []).push(n + '@' + r);
for (const [k, v] of Object.entries(out)) console.log(k, 'MISSING', v.length, v.slice(0, 4).join(' '));
console.log(Object.keys(out).length ? '' : 'no holes');
