/** What a producer does: `POST /v1/events`. */
const BATCH = 'application/cloudevents-batch+json';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of a 202. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
  /** Of a refusal. */
  readonly error?: { readonly code: string };
}

/** Sends a body as it is, or messages as one batch. */
export async function postEvents(port: number | null, sent: string | readonly unknown[], type = BATCH): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof sent === 'string' ? sent : JSON.stringify(sent),
  });
  const text = await response.text();
  return { accepted: 0, duplicates: 0, rejected: [], ...(JSON.parse(text) as Partial<Answer>), status: response.status, text };
}
