// OpenAI's Node SDK in front of a model that gets its calls wrong: a valid call or a clear error, never a broken one.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import { main, raised } from './harness.mjs';
import * as settings from './settings.mjs';

const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
  additionalProperties: false,
};
const TOOLS = [{ type: 'function', function: { name: 'get_weather', parameters: PARAMETERS } }];
const RIGHT = { city: 'Zürich', days: 3 };
const client = new OpenAI({ baseURL: settings.BASE_URL, apiKey: settings.API_KEY, maxRetries: 0, timeout: 60_000 });
const ask = (written) => ({
  model: settings.MODEL,
  messages: [{ role: 'user', content: `sim:tool get_weather ${written}` }],
  tools: TOOLS,
});
const call = (message) => JSON.parse(message.tool_calls[0].function.arguments);

const MENDED = ['{"city": "Zürich", "days": 3}', "{'city': 'Zürich', 'days': '3',}", '```json {city: "Zürich", "days": 3} ```'];
const REFUSED = ['{"days": 3}', '{"city": "Zür', '{"city": "Zürich", "days": "many"}', 'Zürich'];

async function plain() {
  for (const written of MENDED) {
    const answer = await client.chat.completions.create(ask(written));
    assert.deepEqual(call(answer.choices[0].message), RIGHT, written);
  }
}

// The SDK's own assembling of a stream.
async function stream() {
  for (const written of MENDED) {
    const answer = await client.chat.completions.stream(ask(written)).finalChatCompletion();
    assert.deepEqual(call(answer.choices[0].message), RIGHT, written);
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  }
}

async function refused() {
  for (const written of REFUSED) {
    const error = await raised(OpenAI.InternalServerError, () => client.chat.completions.create(ask(written)));
    assert.deepEqual([error.status, error.code], [502, 'invalid_tool_call'], written);
  }
}

async function refused_stream() {
  for (const written of REFUSED) {
    const seen = [];
    const error = await raised(OpenAI.APIError, async () => {
      const chunks = await client.chat.completions.create({ ...ask(written), stream: true });
      for await (const chunk of chunks) seen.push(...chunk.choices.flatMap((choice) => choice.delta.tool_calls ?? []));
      return seen;
    });
    assert.equal(error.code, 'invalid_tool_call', written);
    assert.deepEqual(seen, [], 'something of an invalid call was seen');
  }
}

await main({ plain, stream, refused, refused_stream });
