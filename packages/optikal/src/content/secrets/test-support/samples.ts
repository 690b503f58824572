/** One made-up secret of each known form. None was ever issued; each is put together here, so that no scanner takes this file for a leak. */

/** `length` characters of `alphabet` in an order that looks drawn. */
function made(length: number, alphabet = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF'): string {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[(7 * i + ((i * i) % 5)) % alphabet.length];
  return text;
}

const HEX = '0a1b2c3d4e5f6789';
const LETTERS = 'aBcDeFgHiJkLmNoPqRsTuVwXyZ';
const DIGITS = '1234567890';
const PEM = (kind: string, body: string) => `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`;

export const SAMPLES: readonly (readonly [what: string, secret: string])[] = [
  ['aws', `AWS_SECRET_ACCESS_KEY=${made(40)}`],
  ['aws', `AKIA${made(16, 'A2B4C6D8E0F3G5H7')}`],
  ['privatekey', PEM('RSA ', `MIIE${made(200)}`)],
  ['privatekey', PEM('OPENSSH ', `b3BlbnNzaC1rZXktdjE${made(200)}`)],
  ['npm', `npm_${made(36)}`],
  ['npm', `//registry.npmjs.org/:_authToken=${made(36)}`],
  ['npm', `https://${made(40)}:x-oauth-basic@github.com/`],
  ['basicauth', `https://deploy7:${made(20)}@git.acme.example`],
  ['slack', `xoxb-${made(12, DIGITS)}-${made(12, DIGITS)}-${made(24)}`],
  ['slack', `https://hooks.slack.com/services/T${made(8)}/B${made(8)}/${made(24)}`],
  ['sendgrid', `SG.${made(22)}.${made(43)}`],
  ['shopify', `shpat_${made(32, HEX)}`],
  ['stripe', `sk_live_${made(24)}`],
  ['github', `ghp_${made(36)}`],
  ['github', `github_pat_${made(82)}`],
  ['github', `ghs_123_${made(40)}.${made(90)}.${made(40)}`],
  ['gitlab', `glpat-${made(20)}`],
  ['grafana', `glsa_${made(32)}_${made(8, HEX)}`],
  ['grafana', `glc_${made(60)}`],
  ['openai', `sk-proj-${made(74)}T3BlbkFJ${made(74)}`],
  ['anthropic', `sk-ant-api03-${made(93)}AA`],
  ['groq', `gsk_${made(52)}`],
  ['huggingface', `hf_${made(34, LETTERS)}`],
  ['linear', `lin_api_${made(40)}`],
  ['notion', `ntn_${made(11, DIGITS)}${made(35)}`],
  ['1password', `ops_${Buffer.from(JSON.stringify({ muk: made(120) })).toString('base64')}`],
  ['database-connection-string', `mongodb+srv://reader7:${made(20)}@db.acme.example/orders`],
  ['database-connection-string', `postgres://reader7:${made(20)}@db.acme.example/orders`],
  ['database-connection-string', `mysql://reader7:${made(20)}@db.acme.example/orders`],
  ['hashicorp-vault', `hvs.${made(95)}`],
  ['hashicorp-vault', `hvb.${made(150)}`],
  ['vercel', `vcp_${made(24)}`],
  ['databricks', `dapi${made(32, HEX)}`],
  ['docker', `dckr_pat_${made(27)}`],
  ['figma', `figd_${made(40)}`],
  ['cloudflare', `cfut_${made(40)}${made(8, HEX)}`],
  ['tailscale', `tskey-auth-${made(16)}-${made(32)}`],
  ['jwt', `eyJhbGciOiJIUzI1NiJ9.eyJ${made(40)}.${made(43)}`],
  ['google', `AIza${made(35)}`],
  ['telegram', `${made(9, DIGITS)}:AA${made(33)}`],
];
