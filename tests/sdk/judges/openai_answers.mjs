// OpenAI's Node SDK judges what we answer: `node openai_answers.mjs CAPTURED`, with the folder that holds its
// node_modules in LLM_LAYERS_NODE_DIR. The answers are those of openai_answers.py, played by a `fetch` of our own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';

const require = createRequire(path.resolve(process.env.LLM_LAYERS_NODE_DIR, 'package.json'));
const OpenAI = require('openai');
const { VERSION: version } = require('openai/version');

// Simulated Vertex AI has no Claude, and nobody answers.
const MUTE = new Set(['vertex-claude']);

function played(exchange) {
  const headers = Object.entries(exchange.headers).filter(([name]) => name !== 'content-length');
  const play = async () => new Response(exchange.answer, { status: exchange.status, headers });
  return new OpenAI({ baseURL: 'http://played/v1', apiKey: 'any', maxRetries: 0, fetch: play });
}

const asking = { model: 'any', messages: [] };

async function whole(exchange) {
  const answer = await played(exchange).chat.completions.create(asking);
  assert.deepEqual({ ...answer }, JSON.parse(exchange.answer), 'what the SDK makes of the answer');
  return meaning(answer);
}

async function streamed(exchange) {
  const raw = [];
  const chunks = await played(exchange).chat.completions.create({ ...asking, stream: true });
  for await (const chunk of chunks) raw.push(chunk);
  const bare = raw.filter((chunk) => chunk.choices.length === 0 && !chunk.usage);
  assert.deepEqual(bare, [], 'chunks of nothing');
  // The helper knows calls of functions alone; those of custom tools are judged by what is in the chunks.
  if (exchange.answer.includes('"type":"custom"')) return null;
  let seen = 0;
  const helper = played(exchange).chat.completions.stream(asking);
  helper.on('chunk', () => (seen += 1));
  const answer = await helper.finalChatCompletion();
  assert.equal(seen, raw.length, 'chunks that the helper saw');
  return meaning(answer);
}

async function refused(exchange) {
  const { error: wanted } = JSON.parse(exchange.answer);
  await assert.rejects(played(exchange).chat.completions.create(asking), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.deepEqual([error.status, error.code, error.param], [400, wanted.code, wanted.param]);
    return true;
  });
}

// What must be the same, whether an answer is streamed or not.
function meaning(answer) {
  const said = (call) => [call.name, call.arguments ?? call.input];
  return answer.choices.map(({ message, finish_reason }) => ({
    finish_reason,
    content: message.content || null,
    refusal: message.refusal || null,
    calls: (message.tool_calls ?? []).map((call) => said(call[call.type])),
  }));
}

async function judge(exchange, plain) {
  assert.equal(exchange.broken, null, 'broken off');
  const key = `${exchange.kind} ${exchange.case}`;
  if (exchange.status !== 200) {
    await refused(exchange);
    return 'refusals';
  }
  if (!exchange.stream) {
    plain.set(key, await whole(exchange));
    return 'answers';
  }
  const said = await streamed(exchange);
  // Some give several choices at once, but in streams only one by one.
  if (said?.length === 1 && plain.has(key)) assert.deepEqual(said, plain.get(key), 'a stream says something else');
  return 'streams';
}

const plain = new Map();
const counts = { answers: 0, streams: 0, refusals: 0 };
const faults = new Map();
let cut = null;
for await (const line of readline.createInterface({ input: fs.createReadStream(process.argv[2]) })) {
  const exchange = JSON.parse(line);
  if (MUTE.has(exchange.kind) && exchange.sent.length > 0) continue;
  if (exchange.case === 'answers/calls' && exchange.stream) cut = exchange;
  try {
    counts[await judge(exchange, plain)] += 1;
  } catch (error) {
    const places = faults.get(String(error)) ?? [];
    faults.set(String(error), [...places, `${exchange.kind} ${exchange.case}${exchange.stream ? ' streamed' : ''}`]);
  }
}
// A judge that cannot say no is none: calls whose fragments name themselves again, as some servers send them.
const again = '"function":{"name":"again","arguments"';
const spoilt = cut && { ...cut, answer: cut.answer.replaceAll('"function":{"arguments"', again) };
const passes = (exchange) => judge(exchange, plain).then(() => true, () => false);
if (!spoilt || spoilt.answer === cut.answer) faults.set('nothing to break', ['-']);
else if (await passes(spoilt)) faults.set('the judge itself does not see a name that repeats', ['-']);

let found = 0;
for (const [text, places] of faults) {
  found += places.length;
  const others = places.length > 6 ? ` and ${places.length - 6} more` : '';
  console.error(`\n  ${places.slice(0, 6).join(', ')}${others}\n    ${text.slice(0, 2000)}`);
}
const { answers, streams, refusals } = counts;
const judged = `${answers} answers, ${streams} streams, ${refusals} refusals judged, 1 broken one refused`;
console.log(`openai ${version} (Node): ${judged}, ${found} faults`);
process.exitCode = found > 0 || !answers || !streams || !refusals ? 1 : 0;
