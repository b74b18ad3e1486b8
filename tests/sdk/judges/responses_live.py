"""OpenAI's SDK talks to our `/v1/responses` and to the old `/v1/completions`, behind which any provider may be."""

import functools
import json

import openai
from openai import OpenAI
from openai.types import Completion
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from captured import check, equal, same
from live import UNFORCED, base_url, case, run

EVENT = TypeAdapter(ResponseStreamEvent)
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather",
    "parameters": PARAMETERS,
    "strict": True,
}
CLOCK = {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}, "strict": False}
TEXT = 'one two three, Grüße, 世界 🦀 and "the" end'
TWO_CALLS = 'sim:tool get_weather {"city":"Zürich"}\nsim:tool get_time {}'


@functools.cache
def client(kind):
    return OpenAI(base_url=f"{base_url(kind)}/v1", api_key="any", max_retries=0, timeout=30)


def ask(said, **more):
    return {"model": "any", "input": said, "store": False, **more}


def whole(kind, call):
    response = client(kind).responses.with_raw_response.create(**call)
    text = response.http_response.text
    Response.model_validate_json(text, strict=True)
    for name in (
        "id",
        "object",
        "created_at",
        "status",
        "error",
        "incomplete_details",
        "instructions",
        "model",
        "output",
        "parallel_tool_calls",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
        "metadata",
    ):
        check(name in json.loads(text), "a response without", name)
    return response.parse()


def streamed(kind, call):
    """A stream, judged event by event and by what the SDK's helper makes of it."""
    with client(kind).responses.with_streaming_response.create(**call, stream=True) as response:
        equal(response.headers["content-type"].split(";")[0], "text/event-stream", "content-type")
        raw = b"".join(response.iter_bytes()).decode()
    kinds, deltas = [], {}
    for frame in raw.removesuffix("\n\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in frame.split("\n") if not line.startswith(":"))
        if not lines:
            continue
        event = EVENT.validate_json(lines["data"], strict=True)
        equal(lines["event"], event.type, "name of the event")
        equal(event.sequence_number, len(kinds), "sequence_number")
        kinds.append(event.type)
        if event.type == "response.output_text.delta":
            place = (event.item_id, event.content_index)
            deltas[place] = deltas.get(place, "") + event.delta
        if event.type == "response.output_text.done":
            equal(event.text, deltas.get((event.item_id, event.content_index), ""), "text of the deltas")
    equal(kinds[:2], ["response.created", "response.in_progress"], "beginning of the stream")
    check(kinds[-1] in ("response.completed", "response.incomplete"), "end of the stream:", kinds[-1])
    equal(kinds.count("response.output_item.added"), kinds.count("response.output_item.done"), "items begun and ended")
    with client(kind).responses.stream(**call) as events:
        for event in events:
            if event.type in ("response.completed", "response.incomplete"):
                final = event.response
    return final


def both(kind, call, status="completed"):
    one, other = whole(kind, call), streamed(kind, call)
    for response in (one, other):
        equal((response.object, response.status), ("response", status), "object and status")
    same(gist(other), gist(one), "a stream says something else than the whole")
    check(one.usage.total_tokens == one.usage.input_tokens + one.usage.output_tokens, "usage", one.usage)
    return one


def gist(response):
    """What was said. Seals without words are left out: those of a text stand behind it in a stream, and with what was
    thought before it where a chat answer was whole."""
    names = ("type", "role", "name", "arguments", "content", "summary", "input")
    said = []
    for item in response.output:
        raw = item.to_dict(mode="json")
        for part in raw.get("content") or []:
            # The helper's own.
            part.pop("parsed", None)
        if raw["type"] != "reasoning" or raw["summary"]:
            said.append({name: raw[name] for name in names if name in raw})
    return said


def calls_of(response):
    return [item for item in response.output if item.type == "function_call"]


@case
def plain(kind):
    response = both(kind, ask(f"sim:say {TEXT}", instructions="Be brief."))
    equal(response.output_text, TEXT, "text")


@case
def items(kind):
    turns = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
        {
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "id": "msg_1",
            "content": [{"type": "output_text", "text": "Hi.", "annotations": []}],
        },
        {"role": "user", "content": f"sim:say {TEXT}"},
    ]
    equal(both(kind, ask(turns)).output_text, TEXT, "text")


@case
def cut_off(kind):
    response = both(kind, ask("sim:words 60", max_output_tokens=16), "incomplete")
    equal(response.incomplete_details.reason, "max_output_tokens", "reason")


@case
def loop(kind):
    first = ask([{"role": "user", "content": TWO_CALLS}], tools=[TOOL, CLOCK])
    response = both(kind, first)
    calls = calls_of(response)
    equal(
        [(call.name, json.loads(call.arguments)) for call in calls],
        [("get_weather", {"city": "Zürich"}), ("get_time", {})],
        "calls",
    )
    check(len({call.call_id for call in calls}) == 2, "ids repeat")
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "21 °C"} for call in calls]
    given = [item.to_dict(mode="json", exclude_none=True) for item in response.output]
    done = both(kind, {**first, "input": [*first["input"], *given, *outputs]})
    check(done.output_text.startswith("The tool said: 21 °C"), "the turn after the outputs:", done.output_text)


@case
def forced(kind):
    calls = calls_of(
        both(kind, ask("Weather?", tools=[TOOL, CLOCK], tool_choice={"type": "function", "name": "get_time"}))
    )
    equal([call.name for call in calls], ["get_time"], "calls")


@case
def custom(kind):
    """A tool that takes plain text."""
    response = both(kind, ask("Run", tools=[{"type": "custom", "name": "run"}], tool_choice="required"))
    equal([item.name for item in response.output if item.type == "custom_tool_call"], ["run"], "calls")


class Person(BaseModel):
    name: str
    age: int


@case
def shape(kind):
    response = client(kind).responses.parse(**ask("Who?"), text_format=Person)
    check(isinstance(response.output_parsed, Person), "not parsed:", response.output)


@case
def reasoning(kind):
    first = ask(
        [{"role": "user", "content": "sim:think hm, let me see\nsim:tool get_time {}"}],
        tools=[CLOCK],
        reasoning={"effort": "medium"},
        include=["reasoning.encrypted_content"],
    )
    response = both(kind, first)
    given = [item.to_dict(mode="json", exclude_none=True) for item in response.output]
    outputs = [
        {"type": "function_call_output", "call_id": call.call_id, "output": "noon"} for call in calls_of(response)
    ]
    done = both(kind, {**first, "input": [*first["input"], *given, *outputs]})
    check("The tool said: noon" in done.output_text, "the turn after the outputs:", done.output_text)


@case
def bad_request(kind):
    error = raised(
        openai.BadRequestError, lambda: client(kind).responses.create(**ask([{"role": "critic", "content": "x"}]))
    )
    check(error.body["message"] and error.type == "invalid_request_error", "body", error.body)


@case
def stateful(kind):
    """What needs a memory is refused, and not passed over."""
    error = raised(
        openai.BadRequestError, lambda: client(kind).responses.create(**ask("x", previous_response_id="resp_1"))
    )
    equal(error.param, "previous_response_id", "param")


@case
def broken_stream(kind):
    headers = {"x-sim-fault": "error-in-stream=5"}

    def read():
        with client(kind).responses.stream(**ask("sim:words 60"), extra_headers=headers) as events:
            kinds = [event.type for event in events]
        check(
            not {"response.failed", "error"} & set(kinds), "the stream says that it failed, and the SDK does not raise"
        )
        return kinds

    try:
        kinds = read()
    except (openai.APIError, AssertionError) as error:
        check(not isinstance(error, openai.APIConnectionError), "the connection broke", error)
        return
    raise AssertionError(f"no word of the failure: {kinds}")


@case
def completions(kind):
    """The old ones, whole and streamed."""
    call = {"model": "any", "prompt": f"sim:say {TEXT}", "max_tokens": 99}
    response = client(kind).completions.with_raw_response.create(**call)
    text = response.http_response.text
    Completion.model_validate_json(text, strict=True)
    whole_text = response.parse().choices[0].text
    chunks = list(client(kind).completions.create(**call, stream=True))
    ends = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    for chunk in chunks:
        for choice in chunk.choices:
            # The types know no chunk before the last, which OpenAI sends all the same.
            choice.finish_reason = choice.finish_reason or "stop"
        Completion.model_validate_json(chunk.to_json(), strict=True)
    equal("".join(choice.text for chunk in chunks for choice in chunk.choices), whole_text, "text of the stream")
    check(TEXT in whole_text, "text", whole_text)
    equal(ends, [None] * (len(ends) - 1) + ["stop"], "finish reasons")


def raised(kind, call):
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"wanted {kind.__name__}, got {answer!r}")


# The cousins of OpenAI's have no custom tools. Llama is bound to no schema.
LEAVE_OUT = [
    *((kind, {"custom"}) for kind in ("mistral", "groq")),
    ("deepseek", {"custom", "shape"}),
    ("bedrock-llama", {"shape"}),
    *((kind, {"custom", "forced"}) for kind in UNFORCED),
]

if __name__ == "__main__":
    run(f"openai {openai.__version__} at /v1/responses and /v1/completions", LEAVE_OUT)
