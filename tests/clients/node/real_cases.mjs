// OpenAI's Node SDK, the proxy, and a real model on llama.cpp: `cargo xtask real` drives this.
// Beside settings.mjs it reads LLAMA_URL, the model server's own root.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';

import { main, raised } from './harness.mjs';
import * as settings from './settings.mjs';

const LLAMA_URL = process.env.LLAMA_URL ?? 'http://127.0.0.1:8000';
const QUESTION = 'What is the capital of France?';

const client = (more = {}) =>
  new OpenAI({ baseURL: settings.BASE_URL, apiKey: settings.API_KEY, maxRetries: 0, timeout: 120_000, ...more });
const ask = (prompt, more = {}) => ({
  model: settings.MODEL, messages: [{ role: 'user', content: prompt }], temperature: 0, seed: 1, max_tokens: 48, ...more,
});

// Whether the model server is at work on a request.
async function busy() {
  const slots = await (await fetch(`${LLAMA_URL}/slots`)).json();
  return slots.some((slot) => slot.is_processing);
}

async function plain() {
  const answer = await client().chat.completions.create(ask(QUESTION));
  assert.match(answer.choices[0].message.content, /Paris/);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  return { model: answer.model, answer: answer.choices[0].message.content, usage: answer.usage.total_tokens };
}

async function stream() {
  const answer = await client().chat.completions.create(ask(QUESTION, { stream: true }));
  const parts = [];
  for await (const chunk of answer) {
    if (chunk.choices[0]?.delta.content) parts.push(chunk.choices[0].delta.content);
  }
  assert.match(parts.join(''), /Paris/);
  assert.ok(parts.length > 2, `not streamed: ${parts}`);
  return { answer: parts.join(''), parts: parts.length };
}

async function errors() {
  const create = (call, of = client()) => of.chat.completions.create(call);
  const missing = await raised(OpenAI.NotFoundError, () => create(ask(QUESTION, { model: settings.MISSING_MODEL })));
  assert.equal(missing.code, 'model_not_found');
  const spoil = client({ fetch: (url, init) => fetch(url, { ...init, body: '{"model": ' }) });
  const spoiled = await raised(OpenAI.BadRequestError, () => create(ask(QUESTION), spoil));
  const long = await raised(OpenAI.BadRequestError, () => create(ask('hello '.repeat(6000))));
  assert.match(long.message, /context size/);
  return { model: missing.message, json: spoiled.message, context: long.message };
}

async function cancel() {
  assert.ok(!(await busy()), 'the model server is busy before we begin');
  const abort = new AbortController();
  // `ignore_eos` is llama.cpp's own: the answer goes on to the limit.
  const call = ask(QUESTION, { stream: true, max_tokens: 1500, ignore_eos: true });
  const answer = await client().chat.completions.create(call, { signal: abort.signal });
  let chunks = 0;
  for await (const _ of answer) {
    chunks += 1;
    if (chunks === 2) {
      assert.ok(await busy(), 'the model server is done before the hang-up');
      abort.abort();
    }
  }
  const start = performance.now();
  while (await busy()) {
    assert.ok(performance.now() - start < 1000, 'the model server still works a second after the hang-up');
    await sleep(20);
  }
  return { stopped_after_seconds: Math.round(performance.now() - start) / 1000 };
}

await main({ plain, stream, errors, cancel });
