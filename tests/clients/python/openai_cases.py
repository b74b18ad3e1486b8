"""OpenAI's Python SDK against the proxy, with a simulated provider behind it.

`python openai_cases.py CASE... | all`; settings.py has the environment that it reads.
"""

import asyncio
import json
import re

import openai
from openai import AsyncOpenAI, OpenAI

import settings
from harness import case, check, equal, main, raised
from strict import check_body, check_stream

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
}
TOOL_ARGUMENTS = {"city": "Zürich", "days": 3}
TOOL_PROMPT = f"sim:tool get_weather {json.dumps(TOOL_ARGUMENTS, ensure_ascii=False)}"
WITH_USAGE = {"include_usage": True}


def client(kind=OpenAI, **more):
    more = {"max_retries": 0, "timeout": 60, "api_key": settings.API_KEY, **more}
    return kind(base_url=settings.BASE_URL, **more)


def ask(prompt, **more):
    return {"model": settings.MODEL, "messages": [{"role": "user", "content": prompt}], **more}


def texts(chunks):
    """The text of each choice, by its index."""
    found = {}
    for chunk in chunks:
        for choice in chunk.choices:
            found[choice.index] = found.get(choice.index, "") + (choice.delta.content or "")
    return found


def check_usage(usage):
    check(usage is not None, "no usage")
    check(usage.prompt_tokens > 0 and usage.completion_tokens > 0, "usage without tokens", usage)
    equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens, "total_tokens")


def check_error(error, status, code=None):
    """The status, the four required keys and the code of an error answer."""
    equal(error.status_code, status, "status")
    body = error.response.json().get("error")
    check(isinstance(body, dict), "no error object:", error.response.text)
    missing = {"message", "type", "param", "code"} - body.keys()
    check(not missing, "error without", missing, body)
    check(isinstance(body["message"], str) and body["message"], "error without a message", body)
    check(isinstance(body["type"], str), "error type is no string", body)
    check(body["code"] is None or isinstance(body["code"], str), "error code is no string", body)
    check(code is None or body["code"] == code, "wanted code", code, "saw", body)
    check(error.response.headers.get("x-request-id"), "no x-request-id")
    return {"status": status, **body}


@case
def plain():
    text = "Grüße, \"plain\" \\ world 🦀"
    answer = client().chat.completions.create(**ask(f"sim:say {text}"))
    [choice] = answer.choices
    equal(choice.message.content, text, "content")
    equal(choice.message.role, "assistant", "role")
    equal(choice.finish_reason, "stop", "finish_reason")
    check(choice.message.tool_calls is None, "tool calls that nobody made")
    check_usage(answer.usage)
    again = asyncio.run(client(AsyncOpenAI).chat.completions.create(**ask("sim:say async")))
    equal(again.choices[0].message.content, "async", "async content")
    check(answer.id != again.id, "two answers with one id")
    return {"id": answer.id, "content": choice.message.content, "usage": answer.usage.to_dict()}


@case
def stream():
    text = "one two three: Grüße, 世界 🦀, and the end."
    chunks = list(client().chat.completions.create(**ask(f"sim:say {text}", stream=True)))
    equal(texts(chunks), {0: text}, "streamed text")
    equal(len({chunk.id for chunk in chunks}), 1, "ids in one stream")
    check(len(chunks) >= 3, "a stream of", len(chunks), "chunks")
    equal([c.choices[0].finish_reason for c in chunks if c.choices][-1], "stop", "last finish_reason")
    check(all(c.usage is None for c in chunks), "usage that nobody asked for")

    async def read():
        return [c async for c in await client(AsyncOpenAI).chat.completions.create(**ask(f"sim:say {text}", stream=True))]

    equal(texts(asyncio.run(read())), {0: text}, "text streamed to the async client")
    return {"chunks": len(chunks), "text": text}


def check_call(call):
    equal(call.type, "function", "call type")
    equal(call.function.name, "get_weather", "function name")
    equal(json.loads(call.function.arguments), TOOL_ARGUMENTS, "arguments")
    check(call.id, "call without an id")


@case
def tools():
    answer = client().chat.completions.create(**ask(TOOL_PROMPT, tools=[TOOL]))
    [choice] = answer.choices
    equal(choice.finish_reason, "tool_calls", "finish_reason")
    [call] = choice.message.tool_calls
    check_call(call)
    turns = [
        {"role": "user", "content": TOOL_PROMPT},
        choice.message.to_dict(),
        {"role": "tool", "tool_call_id": call.id, "content": "21 °C"},
    ]
    done = client().chat.completions.create(model=settings.MODEL, messages=turns, tools=[TOOL])
    equal(done.choices[0].message.content, "The tool said: 21 °C", "the turn after the tool's answer")
    return {"call": call.to_dict(), "then": done.choices[0].message.content}


@case
def tools_stream():
    seen = []
    with client().chat.completions.stream(**ask(TOOL_PROMPT, tools=[TOOL])) as events:
        for event in events:
            seen.append(event.type)
        answer = events.get_final_completion()
    [choice] = answer.choices
    equal(choice.finish_reason, "tool_calls", "finish_reason")
    [call] = choice.message.tool_calls
    check_call(call)
    check("tool_calls.function.arguments.delta" in seen, "no argument deltas", set(seen))
    check("tool_calls.function.arguments.done" in seen, "arguments never done", set(seen))
    return {"call": {"id": call.id, "arguments": call.function.arguments}, "events": len(seen)}


@case
def n2():
    answer = client().chat.completions.create(**ask("sim:say twice", n=2))
    equal([choice.index for choice in answer.choices], [0, 1], "indices")
    contents = [choice.message.content for choice in answer.choices]
    check(contents in [["twice", f"twice{mark}"] for mark in settings.CHOICE_MARKS], "contents:", contents)
    return {"choices": len(answer.choices)}


@case
def n2_stream():
    text = "twice and in parts"
    chunks = list(client().chat.completions.create(**ask(f"sim:say {text}", n=2, stream=True)))
    wanted = [{0: text, 1: f"{text}{mark}"} for mark in settings.CHOICE_MARKS]
    check(texts(chunks) in wanted, "texts by choice:", texts(chunks))
    ends = sorted(c.index for chunk in chunks for c in chunk.choices if c.finish_reason)
    equal(ends, [0, 1], "choices that finished")
    return {"chunks": len(chunks)}


@case
def stream_usage():
    chunks = list(client().chat.completions.create(**ask("sim:words 12", stream=True, stream_options=WITH_USAGE)))
    *others, last = chunks
    equal(last.choices, [], "choices of the usage chunk")
    check_usage(last.usage)
    check(all(chunk.usage is None for chunk in others), "usage before the last chunk")
    return {"chunks": len(chunks), "usage": last.usage.to_dict()}


@case
def models():
    listed = [model.id for model in client().models.list()]
    check(settings.MODEL in listed, settings.MODEL, "is not among", listed)
    one = client().models.retrieve(settings.MODEL)
    equal((one.id, one.object), (settings.MODEL, "model"), "one model")
    error = raised(openai.NotFoundError, lambda: client().models.retrieve(settings.MISSING_MODEL))
    check_error(error, 404, "model_not_found")
    return {"models": listed}


@case
def embeddings():
    # Without `encoding_format` the SDK asks for base64 and decodes it.
    answer = client().embeddings.create(model=settings.EMBEDDING_MODEL, input=["one", "two", "one"])
    equal([item.index for item in answer.data], [0, 1, 2], "indices")
    first, second, third = (item.embedding for item in answer.data)
    check(len(first) > 0 and all(isinstance(x, float) for x in first), "no vector of floats")
    check(first == third and first != second, "the vector does not follow the text")
    floats = client().embeddings.create(model=settings.EMBEDDING_MODEL, input="one", encoding_format="float")
    near = max(abs(a - b) for a, b in zip(first, floats.data[0].embedding, strict=True))
    check(near < 1e-6, "base64 and float differ by", near)
    check(answer.usage.prompt_tokens > 0 or not settings.EMBEDDING_USAGE, "no usage", answer.usage)
    return {"dimensions": len(first)}


@case
def error_401():
    bad = client(api_key=settings.BAD_API_KEY)
    error = raised(openai.AuthenticationError, lambda: bad.chat.completions.create(**ask("sim:say no")))
    check(settings.BAD_API_KEY not in error.response.text, "the error repeats the key")
    return check_error(error, 401, "invalid_api_key")


@case
def error_404_model():
    call = ask("sim:say no") | {"model": settings.MISSING_MODEL}
    error = raised(openai.NotFoundError, lambda: client().chat.completions.create(**call))
    streamed = raised(openai.NotFoundError, lambda: client().chat.completions.create(**call, stream=True))
    check_error(streamed, 404, "model_not_found")
    return check_error(error, 404, "model_not_found")


@case
def error_400_json():
    bad = b'{"model": "small", "messages": [}'
    options = {"headers": {"content-type": "application/json"}}
    error = raised(
        openai.BadRequestError,
        lambda: client().post("/chat/completions", cast_to=object, content=bad, options=options),
    )
    seen = check_error(error, 400)
    equal(seen["type"], "invalid_request_error", "type")
    check(re.search(r"\d", seen["message"]), "the message names no offset:", seen["message"])
    return seen


@case
def error_413():
    big = ask("x" * settings.TOO_LARGE_BYTES)
    error = raised(openai.APIStatusError, lambda: client().chat.completions.create(**big))
    return check_error(error, 413)


@case
def error_429():
    fault = settings.fault("429", "status=429;retry-after=1")
    error = raised(openai.RateLimitError, lambda: client().chat.completions.create(**(ask("sim:say no") | fault)))
    equal(error.response.headers.get("retry-after"), "1", "retry-after")
    return check_error(error, 429)


@case
def error_429_retry():
    """The provider fails once (whoever drives this arms it); the SDK reads `retry-after`, waits, and asks again."""
    fault = settings.fault("ONCE", "")
    raw = client(max_retries=1).chat.completions.with_raw_response.create(**(ask("sim:say at last") | fault))
    equal(raw.parse().choices[0].message.content, "at last", "content")
    equal(raw.retries_taken, 1, "retries taken")
    return {"retries": raw.retries_taken}


@case
def stream_error():
    fault = settings.fault("STREAM", "error-in-stream=5")
    chunks = []

    def read():
        for chunk in client().chat.completions.create(**(ask("sim:words 40", stream=True) | fault)):
            chunks.append(chunk)
        return f"{len(chunks)} chunks and an end without an error"

    error = raised(openai.APIError, read)
    check(not isinstance(error, (openai.APIStatusError, openai.APIConnectionError)), "not an error event:", error)
    check(chunks, "the error came before the first chunk: that is a status, not an event")
    check(all(c.finish_reason is None for chunk in chunks for c in chunk.choices), "finished, then failed")
    return {"chunks": len(chunks), "message": error.message, "code": error.code}


@case
async def parallel64():
    shared = client(AsyncOpenAI)

    async def one(number):
        text = f"stream {number} " + f"w{number} " * 20 + "end"
        chunks = [c async for c in await shared.chat.completions.create(**ask(f"sim:say {text}", stream=True))]
        equal(texts(chunks), {0: text}, f"text of stream {number}")
        [stream_id] = {chunk.id for chunk in chunks}
        return stream_id

    ids = await asyncio.gather(*(one(number) for number in range(64)))
    equal(len(set(ids)), 64, "different ids")
    return {"streams": len(ids)}


@case
def hangup():
    """Closes a stream after two chunks; whoever drives this looks at what the provider saw."""
    call = ask(f"sim:words {settings.HANGUP_WORDS}", stream=True) | settings.fault("HANGUP", "pace=5")
    chunks = client().chat.completions.create(**call)
    seen = [next(chunks), next(chunks)]
    check(seen[-1].choices[0].finish_reason is None, "over before the hang-up")
    chunks.close()
    return {"chunks": len(seen), "id": seen[0].id}


@case
def unknown_members():
    custom = {"x_custom": {"keep": [1, 2.50, None, "é"], "deep": {"a": {}}}}
    answer = client().chat.completions.create(**ask("sim:say kept", extra_body=custom))
    check(settings.UNKNOWN_MEMBER in answer.model_extra, "answer without", settings.UNKNOWN_MEMBER, answer.model_extra)
    chunks = list(client().chat.completions.create(**ask("sim:say kept", stream=True, extra_body=custom)))
    with_member = [c for c in chunks if settings.UNKNOWN_MEMBER in c.model_extra]
    check(with_member, "no chunk with", settings.UNKNOWN_MEMBER)
    return {"answer": answer.model_extra, "chunks": len(with_member)}


@case
def strict():
    """Every raw byte of answers and streams against the schema and the rules of streaming."""
    calls = {
        "text": ask("sim:say strict text, in several words"),
        "tools": ask(TOOL_PROMPT, tools=[TOOL]),
    }
    if settings.CHOICES > 1:
        calls["n2"] = ask("sim:say strict twice", n=settings.CHOICES)
    completions = client().chat.completions
    seen = {}
    for name, call in calls.items():
        body = completions.with_raw_response.create(**call).http_response.text
        seen[name] = check_body(body, choices=call.get("n", 1))
        for usage in (False, True):
            more = {"stream_options": WITH_USAGE} if usage else {}
            with completions.with_streaming_response.create(**call, stream=True, **more) as response:
                kind = response.headers.get("content-type", "")
                check(kind.startswith("text/event-stream"), "content-type of a stream:", kind)
                raw = b"".join(response.iter_bytes())
            seen[f"{name} stream{' usage' if usage else ''}"] = check_stream(raw, call.get("n", 1), usage)
    return seen


if __name__ == "__main__":
    main()
