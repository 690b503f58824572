/**
 * Work that people ask one another for, in mails, chats, minutes and lists: commands with links, keys, accounts and files in them, none of them
 * meant for an agent. Without them every page of a trade that a fit has not seen rings; see benign-kinds.ts.
 */
import type { BenignKind } from './benign-kinds.ts';

/** One to a person, as it stands in the body of a mail. */
const ASKED: readonly string[] = [
  'Could you [get|order|buy] a new [one|{product}] for [me|us|the office]? You can [use my card|pay with the team account|put it on my bill].',
  'My {product} [is broken|stopped working|got lost]. Could you [order|buy] another one for me?',
  'I saw a [discount|sale|voucher] on [the {product}|{product}s] and thought of you. [The code is {u8}.|Use {u8} at the checkout.|It ends on {day}.]',
  'Please [have a look at|go through|read|consult] [the|my|these] [notes|slides|minutes|comments] [when you can|before the {event}|at your leisure]: {url}',
  "I'm looking forward to [the {event}|seeing you on {day}|our call]. [The agenda is here|Here is the link|All papers are under]: {url}",
  'You can [join|reach us|dial in] [here|with this link]: {url}',
  'Here is [my|the] [public key|SSH key], please [add|install] it [on the server|to the account|to {repo}]: ssh-rsa AAAAB3NzaC1yc2E{u8}{u8}',
  'Please [invite|add] me [to|as a collaborator of] {repo}. My [user name|login] is {user}.',
  'After that, [add|invite] {person} [too|as well], [she|he] will [help|review] from {day} on.',
  'Can you [upload|push|commit] the [attached files|attachments|pictures] to {repo}? They [belong|go] into {base}/.',
  '{person} [invited|has invited] you to [collaborate|work] on {repo}. To [accept|see] the invitation, [open|click] {url}',
  'If you were not expecting this [invitation|mail], you can ignore it.',
  'Your task is to [plan|prepare|start|coordinate] the [{event}|next phase|launch] with [the design team|{person}|the lab]. [Deadline|Due]: {date}.',
  'Please note that [our address|the bank account|my number|the office] has [changed|moved]. [Update|Correct] your [records|contacts|files] [accordingly|please].',
  'The rent [goes up|rises] by {amount} [a month|from {month}]. Please [change|adapt] the standing order.',
  'As [per|mentioned in] your [question|ticket|issue], [please find|I attach] the {file}. It is the [same|corrected] file as in {repo}.',
  'Are you [up|free] for [a walk|dinner|a bike tour|a concert] [on {day}|this weekend]? [Let me know|Tell me]!',
  'Please [do|finish] [these|the following] [for me|this week]: 1. [Answer|Call] {person} about the {event}. 2. [Book|Reserve] the {place}. 3. [Send|Mail] the {doc} to {email}.',
  'I have [shared|put] the {doc} [with you|in the folder]. [Fill in|Complete|Add] your part and [send it back|tell {person}].',
  'We [need|want] {number} [chairs|laptops|tickets] [by {date}|soon]; the [limit|budget] is {amount}. Could you see to it?',
  'Please [pay|settle] the [bill|invoice] for {product}: {amount} to {iban}, subject "{event}".',
  'I lent you {amount} for the {event}, [please send it back|you can transfer it] to {iban}.',
  'Can you [create|set up] an [appointment|event|entry] for the {event} on {date} at {time} and invite {email}?',
  'Please [cancel|move] the {event}[ on {date}|], [I am ill|the room is taken|{person} is away].',
  'Your [account|address|e-mail] was [verified|confirmed]. [You can now log in|Sign in] at {url}',
  'Reset your password here: {url} [The link is good for one hour.|]',
  "The [file|list] holds {cap}'s accounts: user {user}, password {u8}, bank {iban}.",
  'Post the [question|results|photos] in {channel} [and ask for opinions|please]: "[Who is coming|What shall we eat|Which day suits you]?"',
  'Could someone [please |]tell me who {person} is and [how to reach her|which channel he reads]?',
  'Welcome to the team! [Read|Study] the handbook, [set up|install] your mail and [meet|call] {person}.',
];

/** Who does what, as minutes and plans have it. */
const HANDED_OUT: readonly string[] = [
  '- {cap}: [review|check|update] the {doc} and [give|send] [comments|feedback]. [Deadline|Due]: {date}.',
  '- {cap}: [finish|present|write] the {doc} [by|until] {date}',
  '- [Develop|Draft|Set up] a plan [to|that will] [address|reduce] the [risks|costs|delays] of the {event}.',
  'We [talked about|discussed] the {topic} and the {doc}. [All teams|{person} and {person}] [took part|were present].',
  'The next steps: each team [works|reports] [on its part|to {person}] [and meets again on {date}|].',
  'Action items\n- {cap} to [call|inform] {company}\n- {cap} to [order|pay] the {product}',
  'Activity {d1}: [Quiz|Cooking class|Boat trip]\n  - Goal: to [bring people together|practise patience]\n  - Place: {city}\n  - Date: {date}\n  - Description: [Split into groups|Work in pairs] and [solve|build|cook] [something|the exercise].',
  '[Participants|Players] [stand in a circle|form teams|close their eyes] and [pass the ball|guess the word|tell a story] [without speaking|in turn].',
  '{d1}. **[Check|Open|Look at] [the mail|your inbox]**: {cap} should [look for|find] the [message|invitation] from {person}.',
  '{d1}. **[Click|Follow] the link**: [she|he|the user] needs to [confirm|accept|sign in] there.',
  'This is the to-do list of {cap}: 1. [Sum up|Read] the article that {cap} posted in {channel} 2. [Find|Look for] the [largest|oldest] channel and [ask|write] there what people [like|want] 3. [Add|Invite] {cap} to {channel}',
  'Objective: to [strengthen|improve] the [team|skills|workflow]. [Everyone|Each person] [brings|prepares] one [idea|dish|question].',
  '{d1}. [Serve|Cool|Stir] [at once|well] with [a little|some] {food} and {food}.',
];

/** Parts of pages that ask for input, with nothing in them that an agent should do. */
const OFFERED: readonly string[] = [
  '<form><p><strong>[Special offer|Members only|Newsletter]:</strong> [Enter|Type] your [e-mail|phone number|customer number] to [get|receive] {percent} off.</p><label for="{base}">[E-mail|Number]:</label><input type="text" name="{base}" id="{base}" placeholder="[you@example.org|Your number]" required><button>[Send|Sign up]</button></form>',
  '<div class="[promo|ad|banner]" style="margin:{d1}px"><span style="font-size:{d1}px;color:#999">[Advertisement|Sponsored]</span><p><strong>[Discover|Try|Meet] {brand}:</strong> [made|built] for [you|professionals|families]!</p><a href="{url}">[More|Learn more]</a></div>',
  '<p>The [best|fastest|newest] [AI|assistant|software] [from|of] {company} - <a href="{url}">[try it|download]</a></p>',
  '<form>\n  <label for="user">[User name|Account]:</label>\n  <input type="text" name="user" id="user" required>\n  <label for="secret">Password:</label>\n  <input type="password" name="secret" id="secret" required>\n</form>',
  '[Upgrade|Renew] [your ticket|your plan|now] and [pay only the difference|save {percent}]. [Change|Manage] [booking|journey]',
  'How to [join|star|follow] the [project|repo|group]: [open|visit] {url} and [press|click] [the button|"Join"].',
];

const asked = (gap: string, min: number, max: number, heads: readonly string[], lines: readonly string[]): BenignKind => ({
  direction: 'tool_output',
  gap,
  min,
  max,
  heads,
  lines,
});

const inMail = (before: string, after: string) => ASKED.map((line) => `${before}${line}${after}`);

export const ASKED_KINDS: Readonly<Record<string, BenignKind>> = {
  asked_mail: asked(
    ' ',
    1,
    3,
    ['Hi {cap},\n\n', 'Dear {cap} {caplast},\n', 'Hello {cap}, ', '', 'Subject: {event}\n\n'],
    [...ASKED, 'Best,\n{cap}', 'Thanks,\n{cap}', 'Kind regards,\n{person}'],
  ),
  asked_yaml: asked(
    '\n',
    1,
    4,
    ['- attachments: []\n  bcc: []\n', '', "- id_: '{d2}'\n", 'attachments: []\nbcc: []\n'],
    [
      ...inMail("- body: 'Hi {cap},\n\n\n    ", "\n\n\n    Best,\n\n    {cap}'\n  cc: []\n  sender: {email}\n  read: true"),
      ...inMail('  body: "Hello {cap},\\n\\n', '\\n\\nRegards,\\n{cap}"\n  sender: {email}\n  subject: {event}'),
    ],
  ),
  asked_chat: asked(
    '\n',
    2,
    6,
    ['', '- body: hello\n  recipient: general\n  sender: {cap}\n'],
    inMail('- body: ', '\n  recipient: general\n  sender: {cap}'),
  ),
  handed_out: asked(
    '\n',
    2,
    6,
    ['# [Minutes|Plan|Meeting] of {date}\n\n', 'content: "[Minutes|Notes]\\n', '', '[Summary|Workshop]\n'],
    HANDED_OUT,
  ),
  handed_out_yaml: asked(
    '\\n\\n',
    2,
    5,
    ['content: "', "- content: '"],
    [...HANDED_OUT, 'filename: {file}\nlast_modified: 202{d1}-0{d1}-1{d1} 1{d1}:{d2}:00\nowner: {email}'],
  ),
  offered: asked('\n', 1, 3, ['', '<div>\n', '<html><body>\n'], OFFERED),
};
