// OpenAI's Node SDK in front of a cache: the same answers, asked for once.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { main } from './harness.mjs';
import * as settings from './settings.mjs';

const client = new OpenAI({ baseURL: settings.BASE_URL, apiKey: settings.API_KEY, maxRetries: 0, timeout: 60_000 });
const ask = (text) => ({ model: settings.MODEL, messages: [{ role: 'user', content: text }] });

async function plain() {
  const outcomes = [];
  for (let count = 0; count < 2; count++) {
    const { data, response } = await client.chat.completions.create(ask('sim:say From Node.')).withResponse();
    assert.equal(data.choices[0].message.content, 'From Node.');
    outcomes.push(response.headers.get('x-llm-cache'));
  }
  assert.deepEqual(outcomes, ['miss', 'hit']);
}

// The SDK's own assembling of a stream, from the provider and from the cache.
async function stream() {
  const text = 'sim:say A stream from Node, long enough to be told in more than one piece of sixty-four characters.';
  const answers = [];
  for (let count = 0; count < 2; count++) {
    answers.push(await client.chat.completions.stream(ask(text)).finalChatCompletion());
  }
  assert.deepEqual(answers[1], answers[0]);
}

async function together() {
  const text = 'sim:say All at once.';
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => client.chat.completions.create(ask(text)).withResponse()),
  );
  const outcomes = answers.map(({ response }) => response.headers.get('x-llm-cache'));
  assert.equal(outcomes.filter((outcome) => outcome === 'miss').length, 1, outcomes.join());
  for (const { data } of answers) assert.deepEqual(data.choices, answers[0].data.choices);
}

await main({ plain, stream, together });
