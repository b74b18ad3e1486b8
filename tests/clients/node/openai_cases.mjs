// OpenAI's Node SDK against the proxy, with a simulated provider behind it.
// `node openai_cases.mjs CASE... | all`; settings.mjs has the environment that it reads.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { main, raised } from './harness.mjs';
import * as settings from './settings.mjs';

const TOOL_ARGUMENTS = { city: 'Zürich', days: 3 };
const TOOL_PROMPT = `sim:tool get_weather ${JSON.stringify(TOOL_ARGUMENTS)}`;
const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
};
const TOOL = { type: 'function', function: { name: 'get_weather', description: 'The weather in a city', parameters: PARAMETERS } };

const client = (more = {}) =>
  new OpenAI({ baseURL: settings.BASE_URL, apiKey: settings.API_KEY, maxRetries: 0, timeout: 60_000, ...more });
const ask = (prompt, more = {}) => ({ model: settings.MODEL, messages: [{ role: 'user', content: prompt }], ...more });

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

// The text of each choice, by its index.
function texts(chunks) {
  const found = {};
  for (const choice of chunks.flatMap((chunk) => chunk.choices)) {
    found[choice.index] = (found[choice.index] ?? '') + (choice.delta.content ?? '');
  }
  return found;
}

function checkUsage(usage) {
  assert.ok(usage && usage.prompt_tokens > 0 && usage.completion_tokens > 0, `usage: ${JSON.stringify(usage)}`);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
}

function checkError(error, status, code) {
  assert.equal(error.status, status);
  assert.ok(error.error, `no error object: ${error}`);
  for (const key of ['message', 'type', 'param', 'code']) assert.ok(key in error.error, `error without ${key}`);
  assert.ok(typeof error.error.message === 'string' && error.error.message, 'error without a message');
  assert.ok(error.error.code === null || typeof error.error.code === 'string', 'error code is no string');
  if (code) assert.equal(error.error.code, code);
  assert.ok(error.headers.get('x-request-id'), 'no x-request-id');
  return { status, ...error.error };
}

function checkCall(call) {
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), TOOL_ARGUMENTS);
  assert.ok(call.id, 'call without an id');
}

async function plain() {
  const text = 'Grüße, "plain" \\ world 🦀';
  const answer = await client().chat.completions.create(ask(`sim:say ${text}`));
  assert.equal(answer.choices.length, 1);
  assert.equal(answer.choices[0].message.content, text);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  checkUsage(answer.usage);
  assert.ok(answer._request_id, 'no x-request-id');
  return { id: answer.id, content: text, usage: answer.usage };
}

async function stream() {
  const text = 'one two three: Grüße, 世界 🦀, and the end.';
  const chunks = await all(await client().chat.completions.create(ask(`sim:say ${text}`, { stream: true })));
  assert.deepEqual(texts(chunks), { 0: text });
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.ok(chunks.every((chunk) => !('usage' in chunk)), 'usage that nobody asked for');
  const helper = await client().chat.completions.stream(ask(`sim:say ${text}`)).finalContent();
  assert.equal(helper, text);
  return { chunks: chunks.length };
}

async function tools() {
  const answer = await client().chat.completions.create(ask(TOOL_PROMPT, { tools: [TOOL] }));
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  assert.equal(answer.choices[0].message.tool_calls.length, 1);
  checkCall(answer.choices[0].message.tool_calls[0]);

  // The helper runs the tool and asks again with its result; two rounds are enough to see both.
  const seen = [];
  const runnable = { type: 'function', function: { ...TOOL.function, parse: JSON.parse, function: (args) => (seen.push(args), '21 °C') } };
  const runner = client().chat.completions.runTools(ask(TOOL_PROMPT, { tools: [runnable] }), { maxChatCompletions: 2 });
  await runner.done();
  assert.deepEqual(seen[0], TOOL_ARGUMENTS);
  const roles = runner.messages.map((message) => message.role);
  assert.deepEqual(roles.slice(0, 4), ['user', 'assistant', 'tool', 'assistant']);
  return { rounds: runner.allChatCompletions().length, roles };
}

async function tools_stream() {
  const runner = client().chat.completions.stream(ask(TOOL_PROMPT, { tools: [TOOL] }));
  let deltas = 0;
  runner.on('tool_calls.function.arguments.delta', () => (deltas += 1));
  const answer = await runner.finalChatCompletion();
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  checkCall(answer.choices[0].message.tool_calls[0]);
  assert.ok(deltas > 0, 'no argument deltas');
  return { deltas };
}

async function n2() {
  const answer = await client().chat.completions.create(ask('sim:say twice', { n: 2 }));
  assert.deepEqual(answer.choices.map((choice) => [choice.index, choice.message.content]), [[0, 'twice'], [1, 'twice [1]']]);
  return { choices: 2 };
}

async function n2_stream() {
  const text = 'twice and in parts';
  const chunks = await all(await client().chat.completions.create(ask(`sim:say ${text}`, { n: 2, stream: true })));
  assert.deepEqual(texts(chunks), { 0: text, 1: `${text} [1]` });
  return { chunks: chunks.length };
}

async function stream_usage() {
  const call = ask('sim:words 12', { stream: true, stream_options: { include_usage: true } });
  const chunks = await all(await client().chat.completions.create(call));
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  checkUsage(last.usage);
  assert.ok(chunks.every((chunk) => chunk.usage === null), 'usage before the last chunk');
  return { usage: last.usage };
}

async function models() {
  const listed = [];
  for await (const model of client().models.list()) listed.push(model.id);
  assert.ok(listed.includes(settings.MODEL), `${settings.MODEL} is not among ${listed}`);
  assert.equal((await client().models.retrieve(settings.MODEL)).id, settings.MODEL);
  return { models: listed };
}

async function error_401() {
  const bad = client({ apiKey: settings.BAD_API_KEY });
  const error = await raised(OpenAI.AuthenticationError, () => bad.chat.completions.create(ask('sim:say no')));
  return checkError(error, 401, 'invalid_api_key');
}

async function error_404_model() {
  const call = ask('sim:say no', { model: settings.MISSING_MODEL });
  const error = await raised(OpenAI.NotFoundError, () => client().chat.completions.create(call));
  return checkError(error, 404, 'model_not_found');
}

async function error_400_json() {
  // The SDK would write sound JSON: the body is spoiled on its way out.
  const spoil = (url, init) => fetch(url, { ...init, body: '{"model": "small", "messages": [}' });
  const spoiled = client({ fetch: spoil });
  const error = await raised(OpenAI.BadRequestError, () => spoiled.chat.completions.create(ask('sim:say no')));
  const seen = checkError(error, 400);
  assert.equal(seen.type, 'invalid_request_error');
  assert.match(seen.message, /\d/, 'the message names no offset');
  return seen;
}

async function error_413() {
  const call = ask('x'.repeat(settings.TOO_LARGE_BYTES));
  const error = await raised(OpenAI.APIError, () => client().chat.completions.create(call));
  return checkError(error, 413);
}

async function error_429() {
  const [model, options] = settings.fault('429', 'status=429;retry-after=1');
  const error = await raised(OpenAI.RateLimitError, () => client().chat.completions.create(ask('sim:say no', model), options));
  assert.equal(error.headers.get('retry-after'), '1');
  return checkError(error, 429);
}

// The provider fails once (whoever drives this arms it); the SDK reads `retry-after`, waits, and asks again.
async function error_429_retry() {
  const [model, options] = settings.fault('ONCE', '');
  let asked = 0;
  const counting = client({ maxRetries: 1, fetch: (url, init) => ((asked += 1), fetch(url, init)) });
  const answer = await counting.chat.completions.create(ask('sim:say at last', model), options);
  assert.equal(answer.choices[0].message.content, 'at last');
  assert.equal(asked, 2);
  return { asked };
}

async function stream_error() {
  const [model, options] = settings.fault('STREAM', 'error-in-stream=5');
  let chunks = 0;
  const error = await raised(OpenAI.APIError, async () => {
    const answer = await client().chat.completions.create(ask('sim:words 40', { ...model, stream: true }), options);
    for await (const _ of answer) chunks += 1;
    return `${chunks} chunks and an end without an error`;
  });
  assert.ok(!(error instanceof OpenAI.APIConnectionError) && error.status === undefined, `not an error event: ${error}`);
  assert.ok(chunks > 0, 'the error came before the first chunk');
  return { chunks, message: error.message };
}

async function parallel64() {
  const shared = client();
  const one = async (number) => {
    const text = `stream ${number} ${`w${number} `.repeat(20)}end`;
    const chunks = await all(await shared.chat.completions.create(ask(`sim:say ${text}`, { stream: true })));
    assert.deepEqual(texts(chunks), { 0: text });
    return chunks[0].id;
  };
  const ids = await Promise.all(Array.from({ length: 64 }, (_, number) => one(number)));
  assert.equal(new Set(ids).size, 64);
  return { streams: ids.length };
}

// Hangs up after two chunks; whoever drives this looks at what the provider saw.
async function hangup() {
  const abort = new AbortController();
  const [model, options] = settings.fault('HANGUP', 'pace=5');
  const call = ask(`sim:words ${settings.HANGUP_WORDS}`, { ...model, stream: true });
  const answer = await client().chat.completions.create(call, { ...options, signal: abort.signal });
  let chunks = 0;
  let finished = false;
  for await (const chunk of answer) {
    chunks += 1;
    finished ||= chunk.choices[0].finish_reason !== null;
    if (chunks === 2) abort.abort();
  }
  assert.ok(!finished, 'over before the hang-up');
  return { chunks };
}

async function unknown_members() {
  const custom = { x_custom: { keep: [1, 2.5, null, 'é'], deep: { a: {} } } };
  const answer = await client().chat.completions.create(ask('sim:say kept', custom));
  assert.ok(settings.UNKNOWN_MEMBER in answer, `answer without ${settings.UNKNOWN_MEMBER}`);
  const chunks = await all(await client().chat.completions.create(ask('sim:say kept', { ...custom, stream: true })));
  assert.ok(chunks.some((chunk) => settings.UNKNOWN_MEMBER in chunk), `no chunk with ${settings.UNKNOWN_MEMBER}`);
  return { [settings.UNKNOWN_MEMBER]: answer[settings.UNKNOWN_MEMBER] };
}

await main({
  plain, stream, tools, tools_stream, n2, n2_stream, stream_usage, models, error_401, error_404_model, error_400_json,
  error_413, error_429, error_429_retry, stream_error, parallel64, hangup, unknown_members,
});
