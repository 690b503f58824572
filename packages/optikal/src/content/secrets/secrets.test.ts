import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shannonEntropy } from './entropy.ts';
import { findSecrets } from './secrets.ts';
import { SAMPLES } from './test-support/samples.ts';

const seen = (text: string) => findSecrets(text).map(({ what, start, end }) => [what, text.slice(start, end)]);

describe('entropy', () => {
  it('is that of Shannon, in bits a character', () => {
    expect(shannonEntropy('aaaa')).toBe(0);
    expect(shannonEntropy('aabb')).toBe(1);
    expect(shannonEntropy('abcd')).toBe(2);
    expect(shannonEntropy('aaab')).toBeCloseTo(0.8113, 4); // −¾ log₂ ¾ − ¼ log₂ ¼
  });
});

describe('secrets of known form', () => {
  it.each(SAMPLES)('%s', (what, secret) => {
    expect(seen(`config = {"value": "${secret}"}\n`).map(([kind]) => kind)).toEqual([what]);
  });

  it('have the place of the secret', () => {
    const token = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6'}`;
    expect(seen(`export GITHUB_TOKEN=${token} # mine`)).toEqual([['github', token]]);
  });

  it('are found though the text says that nobody should look', () => {
    const token = `glpat-${'x7Kq2mW9sT4vB1nZ6cRd'}`;
    expect(seen(`// secretlint-disable\n/* secretlint-disable-next-line */\n${token}`)).toEqual([['gitlab', token]]);
  });
});

describe('secrets of unknown form', () => {
  it.each([
    ['api_key = "q7Xb2Lk9Vt4Zn8Rw1Yc6Hd3M"', 'random'],
    ['{"clientSecret":"Zm9vYmFyMTIzNDU2Nzg5MDEyMw","id":7}', 'random'],
    ['X-Api-Key: 9f8e7d6c5b4a39281706f5e4d3c2b1a0', 'random'],
    ['Authorization: Bearer mF9Bq5JqM7rZt2KxLw8PvN4s', 'random'],
    ['the access token is kLm8QzT5rV2wXy7Nb4Jc9Df1, keep it', 'random'],
    ['password: Tr0ub4dor&3', 'password'],
    ['DB_PASSWORD=pX9#kL2$vQ', 'password'],
    ['{"new_password": "BlueSparrow12345678"}', 'password'],
    ['the password for the account is alice.M.123', 'password'],
    ['signing-key => "Yk3Jd8Sx0Qm5Vb7Tn2Wz9Rc4"', 'random'],
  ])('%s', (text, what) => {
    expect(seen(text).map(([kind]) => kind)).toEqual([what]);
  });

  it('are not whatever looks drawn at random', () => {
    for (const text of [
      'id: 550e8400-e29b-41d4-a716-446655440000, token id 550e8400-e29b-41d4-a716-446655440000',
      'commit key da39a3ee5e6b4b0d3255bfef95601890afd80709, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '"integrity": "sha512-IcOR87MpNjp/WTO7bVMsIj3qkhVD+Qr/oNaA0Xl4Ok1LqG4bjXu5RjiY0Kid70BoR9eCJgkoq5gNHDGXPx+o1g=="',
      'src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"',
      'next_page_token: CAUQAAxyz81Kd92Lm3Vb7TnQ, cursor key: Yk3Jd8Sx0Qm5Vb7Tn2Wz9Rc4',
      'public key: Yk3Jd8Sx0Qm5Vb7Tn2Wz9Rc4Lp6Hg1',
      'password: <your password>, password: ********, password=$DB_PASSWORD, password={{db_password}}, password: hunter, secret = process.env.SECRET',
      'api_key: YOUR_API_KEY, api_key: your-api-key-here-123456, token: example_token_1234567890Ab',
      'The secret of success is perseverance. Passwords are reset by administrators only. Keyboard: QWERTZ-International',
      '"secretName": "my-App-secret-1", secret_id: Yk3Jd8Sx0Qm5Vb7Tn2Wz9Rc4, passwordFile: Mounted/Secret1',
      'key=my-service-account-production-2, tokens: max_completion_tokens 4096000000000',
      'the token is at https://example.com/oauth2/v4/token/Yk3Jd8Sx0Qm5Vb7T',
      'secret/path/to/a/file/name/config.json and password_reset_url: /accounts/reset/4f9a',
    ])
      expect(seen(text), text).toEqual([]);
  });

  it('are not hidden by what stands before them', () => {
    const secret = fc.stringMatching(/^[a-z]\d[A-Z][A-Za-z0-9]{0,2}$/).map((part) => `${part}q7Xb2Lk9Vt4Zn8Rw1Yc6Hd3M`);
    fc.assert(
      fc.property(secret, fc.lorem({ maxCount: 30 }), (token, text) => {
        expect(seen(`${text}\napi_key=${token}\n${text}`)).toEqual([['random', token]]);
      }),
    );
  });
});

it('a megabyte made to be slow ends: a quadratic step would take minutes', () => {
  for (const unit of [
    'key=',
    'password is ',
    'ghs_1_',
    'xoxb-a-',
    'eyJaaaaaaaaaa.',
    'eyJ',
    'secret for a b c ',
    'mongodb://a:',
    'https://a:',
    '-----BEGIN PRIVATE KEY-----',
    'A',
    'AKIA',
    'token token_',
    'a1',
  ])
    expect(findSecrets(unit.repeat(1_000_000 / unit.length)).length).toBeLessThan(300_000);
});
