"""Anthropic's SDK talks to our `/v1/messages`, behind which any provider may be."""

import functools
import json

import anthropic
from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from captured import check, equal, same
from live import UNFORCED, base_url, case, run

EVENT = TypeAdapter(RawMessageStreamEvent)
TOOL = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CLOCK = {"name": "get_time", "input_schema": {"type": "object", "properties": {}}}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
TEXT = 'one two three, Grüße, 世界 🦀 and "the" end'
TWO_CALLS = 'sim:tool get_weather {"city":"Zürich"}\nsim:tool get_time {}'
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4096}


@functools.cache
def client(kind):
    return Anthropic(base_url=base_url(kind), api_key="any", max_retries=0, timeout=30)


def ask(said, **more):
    return {"model": "any", "max_tokens": 1024, "messages": [{"role": "user", "content": said}], **more}


def whole(kind, call):
    """A whole answer, judged by its bytes, as the SDK has it."""
    response = client(kind).messages.with_raw_response.create(**call)
    text = response.http_response.text
    Message.model_validate_json(text, strict=True)
    raw = json.loads(text)
    for name in ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"):
        check(name in raw, "an answer without", name, raw)
    check(raw["id"].startswith("msg_"), "id", raw["id"])
    check(all(type(raw["usage"][name]) is int for name in ("input_tokens", "output_tokens")), "usage", raw["usage"])
    return response.parse()


def streamed(kind, call):
    """A stream, judged event by event and by what the SDK's helper makes of it."""
    with client(kind).messages.with_streaming_response.create(**call, stream=True) as response:
        equal(response.headers["content-type"].split(";")[0], "text/event-stream", "content-type")
        raw = b"".join(response.iter_bytes()).decode()
    kinds, open_block, next_block = [], None, 0
    for frame in raw.removesuffix("\n\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in frame.split("\n") if not line.startswith(":"))
        if not lines:
            continue
        if lines["event"] == "ping":
            continue
        event = EVENT.validate_json(lines["data"], strict=True)
        equal(lines["event"], event.type, "name of the event")
        kinds.append(event.type)
        if event.type == "content_block_start":
            equal((open_block, event.index), (None, next_block), "blocks follow each other")
            open_block, next_block = event.index, next_block + 1
        elif event.type == "content_block_delta":
            equal(event.index, open_block, "index of a delta")
        elif event.type == "content_block_stop":
            equal(event.index, open_block, "index of a block's end")
            open_block = None
    equal(
        (kinds[0], kinds[-2:], open_block),
        ("message_start", ["message_delta", "message_stop"], None),
        "order of events",
    )
    with client(kind).messages.stream(**call) as events:
        parts = list(events.text_stream)
        message = events.get_final_message()
    equal(
        "".join(parts), "".join(block.text for block in message.content if block.type == "text"), "text of the helper"
    )
    return message


def both(kind, call, stop_reason):
    """The same, whole and streamed."""
    one, other = whole(kind, call), streamed(kind, call)
    for message in (one, other):
        equal((message.type, message.role), ("message", "assistant"), "type and role")
        equal(message.stop_reason, stop_reason, "stop_reason")
    same(gist(other), gist(one), "a stream says something else than the whole")
    return one


def gist(message):
    """What was said. What seals a text stands behind it in a stream, and before it where a chat answer was whole."""
    names = ("type", "text", "thinking", "name", "input")
    blocks = [{name: value for name, value in block.to_dict().items() if name in names} for block in message.content]
    return sorted(blocks, key=lambda block: block["type"] == "redacted_thinking")


def texts(message):
    return [block.text for block in message.content if block.type == "text"]


@case
def plain(kind):
    message = both(kind, ask(f"sim:say {TEXT}", system="Be brief."), "end_turn")
    equal(texts(message), [TEXT], "text")
    check(message.usage.input_tokens > 0 and message.usage.output_tokens > 0, "usage", message.usage)


@case
def cut_off(kind):
    message = both(kind, ask("sim:words 60", max_tokens=10), "max_tokens")
    check(texts(message), "no text")


@case
def one_call(kind):
    message = both(kind, ask('sim:tool get_weather {"city":"Zürich"}', tools=[TOOL]), "tool_use")
    [call] = [block for block in message.content if block.type == "tool_use"]
    equal((call.name, call.input), ("get_weather", {"city": "Zürich"}), "call")


@case
def loop(kind):
    """Two calls at once, whose results come back in one turn, one of them an error."""
    first = ask(TWO_CALLS, tools=[TOOL, CLOCK])
    message = both(kind, first, "tool_use")
    calls = [block for block in message.content if block.type == "tool_use"]
    equal([call.name for call in calls], ["get_weather", "get_time"], "calls")
    check(len({call.id for call in calls}) == 2, "ids repeat", calls)
    results = [
        {"type": "tool_result", "tool_use_id": calls[0].id, "content": [{"type": "text", "text": "21 °C"}]},
        {"type": "tool_result", "tool_use_id": calls[1].id, "content": "no clock", "is_error": True},
    ]
    turns = [
        *first["messages"],
        {"role": "assistant", "content": [block.to_dict() for block in message.content]},
        {"role": "user", "content": results},
    ]
    done = both(kind, {**first, "messages": turns}, "end_turn")
    check("".join(texts(done)).startswith("The tool said: "), "the turn after the results:", done.content)


@case
def forced(kind):
    message = both(kind, ask("Weather?", tools=[TOOL], tool_choice={"type": "any"}), "tool_use")
    equal(message.content[-1].name, "get_weather", "name")


@case
def forbidden(kind):
    """Tools that may not be used."""
    message = both(kind, ask("Hello", tools=[TOOL], tool_choice={"type": "none"}), "end_turn")
    check(texts(message), "no text", message.content)


@case
def one_at_a_time(kind):
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    message = both(
        kind, ask('sim:tool get_weather {"city":"Ulm"}', tools=[TOOL, CLOCK], tool_choice=choice), "tool_use"
    )
    equal(len([block for block in message.content if block.type == "tool_use"]), 1, "calls")


@case
def thinking(kind):
    """What was thought comes back in the next turn, sealed as it was."""
    first = ask(f"sim:think hm, let me see\n{TWO_CALLS}", tools=[TOOL, CLOCK], **THINKING)
    message = both(kind, first, "tool_use")
    calls = [block for block in message.content if block.type == "tool_use"]
    turns = [
        *first["messages"],
        {"role": "assistant", "content": [block.to_dict() for block in message.content]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "x"} for call in calls],
        },
    ]
    done = both(kind, {**first, "messages": turns}, "end_turn")
    check("The tool said: x" in "".join(texts(done)), "the turn after the results:", done.content)


@case
def blocks(kind):
    """Blocks of several types, marks for the cache, a conversation."""
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    turns = [
        {
            "role": "user",
            "content": [image, {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "A dot."}]},
        {"role": "user", "content": f"sim:say {TEXT}"},
    ]
    system = [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Be kind."},
    ]
    call = {
        "model": "any",
        "max_tokens": 99,
        "messages": turns,
        "system": system,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "abc"},
    }
    equal(texts(both(kind, call, "end_turn")), [TEXT], "text")


@case
def bad_request(kind):
    error = raised(
        anthropic.BadRequestError,
        lambda: client(kind).messages.create(**ask("x", messages=[{"role": "critic", "content": "x"}])),
    )
    equal((error.body["type"], error.body["error"]["type"]), ("error", "invalid_request_error"), "body")
    check(error.body["error"]["message"], "no message")


@case
def rate_limited(kind):
    headers = {"x-sim-fault": "status=429;retry-after=7"}
    error = raised(anthropic.RateLimitError, lambda: client(kind).messages.create(**ask("x"), extra_headers=headers))
    equal((error.body["type"], error.body["error"]["type"]), ("error", "rate_limit_error"), "body")
    equal(error.response.headers.get("retry-after"), "7", "retry-after")


@case
def overloaded(kind):
    headers = {"x-sim-fault": "status=503"}
    error = raised(anthropic.APIStatusError, lambda: client(kind).messages.create(**ask("x"), extra_headers=headers))
    equal((error.status_code >= 500, error.body["type"]), (True, "error"), "status and body")
    check(error.body["error"]["type"] in ("overloaded_error", "api_error"), "type", error.body)


@case
def broken_stream(kind):
    headers = {"x-sim-fault": "error-in-stream=5"}

    def read():
        with client(kind).messages.stream(**ask("sim:words 60"), extra_headers=headers) as events:
            return list(events.text_stream)

    error = raised(anthropic.APIError, read)
    check(not isinstance(error, anthropic.APIConnectionError), "the connection broke", error)


def raised(kind, call):
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"wanted {kind.__name__}, got {answer!r}")


# Mistral is told `any`, which the simulator of OpenAI's that stands for it does not know.
LEAVE_OUT = [(kind, {"forced"}) for kind in ("mistral", *UNFORCED)]

if __name__ == "__main__":
    run(f"anthropic {anthropic.__version__} at /v1/messages", LEAVE_OUT)
