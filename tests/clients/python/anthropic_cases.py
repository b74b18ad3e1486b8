"""Anthropic's Python SDK against a simulated Anthropic: judges the simulator, not the proxy.

BASE_URL is the server's root, as that SDK takes it (no /v1). `python anthropic_cases.py CASE... | all`
"""

import json

import anthropic

import settings
from harness import case, check, equal, main, raised

TOOL = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TOOL_INPUT = {"city": "Zürich"}
TOOL_PROMPT = f"sim:tool get_weather {json.dumps(TOOL_INPUT, ensure_ascii=False)}"


def client(**more):
    more = {"api_key": settings.API_KEY, "max_retries": 0, "timeout": 60, **more}
    return anthropic.Anthropic(base_url=settings.BASE_URL, **more)


def ask(prompt, **more):
    return {"model": settings.MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": prompt}], **more}


def check_message(message, stop_reason):
    equal((message.type, message.role), ("message", "assistant"), "type and role")
    equal(message.stop_reason, stop_reason, "stop_reason")
    check(message.id.startswith("msg_"), "id", message.id)
    check(message.usage.input_tokens > 0 and message.usage.output_tokens > 0, "usage", message.usage)


@case
def plain():
    message = client().messages.create(**ask("sim:say Grüße 🦀", system="Be brief."))
    check_message(message, "end_turn")
    equal([(block.type, block.text) for block in message.content], [("text", "Grüße 🦀")], "content")
    return {"id": message.id, "usage": message.usage.to_dict()}


@case
def stream():
    text = "one two three, Grüße 🦀"
    with client().messages.stream(**ask(f"sim:say {text}")) as events:
        parts = list(events.text_stream)
        message = events.get_final_message()
    equal("".join(parts), text, "streamed text")
    check_message(message, "end_turn")
    kinds = [event.type for event in client().messages.create(**ask(f"sim:say {text}", stream=True)) if event.type != "ping"]
    deltas = [kind for kind in kinds if kind == "content_block_delta"]
    wanted = ["message_start", "content_block_start", *deltas, "content_block_stop", "message_delta", "message_stop"]
    equal(kinds, wanted, "order of events")
    return {"parts": len(parts), "events": len(kinds)}


def check_tool_use(message):
    check_message(message, "tool_use")
    [call] = [block for block in message.content if block.type == "tool_use"]
    equal((call.name, call.input), ("get_weather", TOOL_INPUT), "call")
    check(call.id.startswith(settings.CALL_ID), "id", call.id)
    return call


@case
def tools():
    whole = client().messages.create(**ask(TOOL_PROMPT, tools=[TOOL]))
    call = check_tool_use(whole)
    with client().messages.stream(**ask(TOOL_PROMPT, tools=[TOOL])) as events:
        check_tool_use(events.get_final_message())
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "21 °C"}
    turns = [
        {"role": "user", "content": TOOL_PROMPT},
        {"role": "assistant", "content": [block.to_dict() for block in whole.content]},
        {"role": "user", "content": [result]},
    ]
    done = client().messages.create(model=settings.MODEL, max_tokens=99, messages=turns, tools=[TOOL])
    equal(done.content[-1].text, "The tool said: 21 °C", "the turn after the tool's answer")
    return call.to_dict()


@case
def error_429():
    fault = settings.fault("429", "status=429;retry-after=1")
    error = raised(anthropic.RateLimitError, lambda: client().messages.create(**(ask("sim:say no") | fault)))
    equal(error.response.headers.get("retry-after"), "1", "retry-after")
    body = error.response.json()
    equal((body["type"], body["error"]["type"]), ("error", "rate_limit_error"), "Anthropic's own error body")
    return body


if __name__ == "__main__":
    main()
