/**
 * Texts around language models that are harmless where they stand: documentation of interfaces, libraries of prompts, guides of tools, logs,
 * model cards. They hold roles, orders to assistants, names of tools and calls, and nobody reads them as orders; see benign-kinds.ts.
 */
import type { BenignKind } from './benign-kinds.ts';

const page = (gap: string, min: number, max: number, heads: readonly string[], lines: readonly string[]): BenignKind => ({
  direction: 'tool_output',
  gap,
  min,
  max,
  heads,
  lines,
});

export const MODEL_KINDS: Readonly<Record<string, BenignKind>> = {
  prompt_library: page(
    '\n',
    2,
    6,
    [
      '# [Prompt library|Prompts we use|Awesome prompts]\n\n',
      '## [Translation|Support|Summaries|Code review]\n',
      'prompts:\n',
      'How to write [a good prompt|system prompts]\n\n',
      '',
    ],
    [
      '- "You are a [helpful|patient|concise] [teacher|editor|analyst|assistant]. [Answer in {number} sentences.|Explain {topic}.|Be polite.]"',
      '- [Summarise|Translate|Rewrite] the text [below|between the marks] [in {number} points|for a child|into {language}].',
      '- name: [editor|tutor|sql-writer]\n  system: "You are [an editor|a tutor|an expert in SQL]. [Keep the tone.|Ask before you guess.|Only answer with a query.]"',
      'A [good|useful] prompt [says|states] [the role|the task|the format|an example] [first|at the end].',
      '[Start|Begin] with "[Act as|You are] [a lawyer|a travel guide|an interviewer]" [and add|, then give] [the task|your text].',
      '[Tell|Show|Give] the model [what to leave out|the format|two examples|the audience].',
      '[Avoid|Do not use] [long|vague|negative] [prompts|instructions]; [say|write] what you want.',
      '`{base}`: [asks|tells] the model to [list|rank|correct] [mistakes|ideas|titles].',
      'Template: [Role|Task|Context|Format]: <{base}>',
      '"[If you do not know|When unsure], say [so|that you do not know]."',
      '[Copy|Paste|Edit] the [prompt|template] and [replace|fill in] the [parts in capitals|variables].',
      'The [system prompt|first message] [sets|fixes] the [tone|language|limits], [the user|later turns] cannot [change|see] it.',
    ],
  ),
  model_api: page(
    '\n',
    2,
    7,
    [
      '',
      '# [Messages|Chat|Tools|Agents] API\n\n',
      '```json\n',
      '## [System prompts|Tool use|Function calling|Roles]\n\n',
      '// example request\n',
    ],
    [
      '{"role": "system", "content": "You are a [helpful|terse] assistant."}',
      '{"role": "user", "content": "[Hello|What is the capital of Peru|Tell me about {topic}]"}',
      '{"role": "assistant", "content": "[Hi! How can I help?|Lima.|Sure.]"}',
      '"system": "[Answer in {language}.|You work for {company}.|Use the tools when needed.]",',
      '"tools": [{"name": "[get_weather|send_email|search]", "description": "[Sends a mail to one address|Looks up the weather|Finds pages]"}]',
      '- `system` ([string|optional]): [instructions|how the model should behave], [placed|read] before the first message',
      '- `tool_choice`: [forces|lets] the model [to call|choose] [a tool|the named tool]',
      'The model [returns|answers with] a `tool_use` block; [run|execute] the tool and [send|return] its result [in the next message|as `tool_result`].',
      'An [agent|assistant] [reads|keeps|repeats] [the history|its instructions|each step] until [it is done|no tool is called|`max_steps`].',
      '[Set|Use|Pass] `[temperature|max_tokens|stop]` to [0|{d3}|limit the answer].',
      'client.messages.create(model="{model}", system="[Be brief.|You are an editor.]", messages=[{"role": "user", "content": text}])',
      '<|system|> and <|user|> [mark|separate] the turns in the [template|training data].',
      '[Instructions|Messages] of the [developer|system] [rank|come] [above|before] those of the [user|tool].',
      '[Guardrails|Filters|Policies] [stop|refuse] [requests|outputs] that [ask for secrets|break the rules].',
      'Error {d3}: [`messages` must start with a user turn|prompt too long|invalid tool name].',
    ],
  ),
  tool_guide: page(
    '\n',
    2,
    6,
    ['', '# AGENTS.md\n\n', '# Contributing\n\n', '# [Runbook|Operations|On-call]\n\n', '{stem} --help\n\n', 'tools:\n'],
    [
      '- [Run|Use] `{command}` [before you commit|to check|in {base}/].',
      '- [Never|Do not] [commit|push|log] [secrets|generated files|to {branch}].',
      '- [Write|Add] [a test|a line in the changelog] for [each|every] [fix|feature].',
      '- [Ask|Tell] [the owner|{person}|the team] before you [delete|rename|move] [a table|files].',
      '{d1}. [Clone|Fork] {repo} and [run|install] `[npm ci|make|{command}]`.',
      '{d1}. [Restart|Drain|Scale] the [node|service {stem}] and [watch|check] [the log|{url}].',
      '`{stem} [send|sync|delete] [--force|--to ADDRESS|--all]`  [sends|removes|copies] [a file|all {base}]',
      'description: [Sends|Reads|Deletes|Moves] [a mail|a file|money|an event]. [Ask the user first.|Needs the owner.|Cannot be undone.]',
      'Use this [tool|command] [when|if] [the user wants|you need] to [send a mail|find a file|pay a bill].',
      'If the [deploy|job] fails, [roll back|run `{command}`|page {cap}] and [open a ticket|tell {channel}].',
      '[Rotate|Revoke] the [key|token] [every {d2} days|at once if it leaks].',
      'Returns [the list|an id|true] [of|for] [{base}|the new event]; [throws|fails] if [not logged in|the address is wrong].',
      'INFO [agent|assistant]: [called|finished] [send_email|read_file|search] in {d3} ms[, {d4} tokens|]',
      'DEBUG [plan|thought]: [next|done], [tool|call] [search|read_file]({"query": "{base}"})',
    ],
  ),
};
