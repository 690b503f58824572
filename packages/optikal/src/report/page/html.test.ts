import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedJson, escaped, html } from './html.ts';

describe('a template', () => {
  it('escapes what is put in, and leaves markup that came out of one', () => {
    const name = `<script>alert("x")</script> & 'y'`;
    expect(html`<b title="${name}">${html`<i>${name}</i>`}${[1, null, html`<hr>`]}</b>`.text).toBe(
      '<b title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"><i>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</i>1<hr></b>',
    );
  });

  it('never lets a text begin or end anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  it('shows a text that turns its direction, breaks or holds half a character as it is', () => {
    expect(escaped('a\u202eb\u0000c\ud800d\ne')).toBe('a\ufffdb\ufffdc\ufffdd\ne');
  });
});

describe('embedded JSON', () => {
  it('stays the same value and cannot end its element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text } = embeddedJson({ value, bad: '</script><!-- & \u2028' });
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value, bad: '</script><!-- & \u2028' })));
      }),
    );
  });
});
