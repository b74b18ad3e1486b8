"""Cohere's SDK judges what we send to it.

Its types are open and let unknown members pass: they are closed here. Then the SDK writes the same call itself, which
must come out the same.
"""

import inspect
import json
import typing
from importlib.metadata import version

import cohere
import httpx
from cohere import v2 as _  # noqa: F401 (all types of the second version)
from cohere.core.unchecked_base_model import UncheckedBaseModel
from cohere.types import ChatMessages, CitationOptions, ResponseFormatV2, Thinking, ToolV2
from cohere.v2.client import V2Client
from pydantic import TypeAdapter

from captured import check, equal, judge_requests, same
from typed import below, close_models

PARTS = {
    "messages": ChatMessages,
    "tools": list[ToolV2],
    "response_format": ResponseFormatV2,
    "thinking": Thinking,
    "citation_options": CitationOptions,
}
SIGNATURE = inspect.signature(V2Client.chat)


close_models(list(below(UncheckedBaseModel)), vars(cohere.types))
ADAPTERS = {name: TypeAdapter(kind) for name, kind in PARTS.items()}


def accept(sent):
    equal(sent.path, "/v2/chat", "path")
    check(sent.headers.get("authorization", "").startswith("Bearer "), "no credentials")
    body = dict(sent.body)
    equal(body.pop("stream", False), sent.stream, "stream")
    for name, value in body.items():
        check(name in SIGNATURE.parameters, "an unknown member:", name)
        if name in ADAPTERS:
            ADAPTERS[name].validate_json(json.dumps(value), strict=True)
        else:
            kind = SIGNATURE.parameters[name].annotation
            TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
            words = set(literals(kind))
            check(not words or value in words, name, "is none of", words)
    again = generated(body, sent.stream)
    equal(again.pop("stream"), sent.stream, "stream, as the SDK has it")
    same(body, again, "the SDK would send something else")
    turns(body["messages"])


def literals(kind):
    """The words of a type that would take any other as well."""
    if typing.get_origin(kind) is typing.Literal:
        yield from typing.get_args(kind)
    else:
        for inner in typing.get_args(kind):
            yield from literals(inner)


def generated(body, stream):
    seen = []

    def answer(request):
        seen.append(json.loads(request.content))
        return httpx.Response(500)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = cohere.ClientV2(api_key="any", base_url="http://played", httpx_client=http)
    parsed = {
        name: ADAPTERS[name].validate_python(value) if name in ADAPTERS else value for name, value in body.items()
    }
    # The SDK would try again and wait in between.
    call = {**parsed, "request_options": {"max_retries": 0}}
    try:
        list(client.chat_stream(**call)) if stream else client.chat(**call)
    except cohere.core.ApiError:
        pass
    return seen[0]


def turns(messages):
    """What types do not say: results right behind their calls, and none missing; calls have ids and arguments."""
    calls = []
    for message in messages:
        if message["role"] == "tool":
            check(message["tool_call_id"] in calls, "a result without a call:", message["tool_call_id"])
            calls.remove(message["tool_call_id"])
            continue
        check(not calls, "calls without results:", calls)
        for call in message.get("tool_calls") or []:
            check(isinstance(json.loads(call["function"]["arguments"]), dict), "arguments are no object")
            calls.append(call["id"])
        check(message.get("content") or message.get("tool_calls"), "a turn of nothing")
    check(not calls, "calls without results:", calls)


def with_tool(change):
    def spoil(body):
        return (change(body["tools"][0]["function"]), body)[1] if body.get("tools") else None

    return spoil


SPOILS = {
    "an unknown member": lambda body: {**body, "top_p": 0.5},
    "an unknown role": lambda body: {**body, "messages": [{"role": "developer", "content": "x"}]},
    "an unknown member of a message": lambda body: {
        **body,
        "messages": [{"role": "user", "content": "x", "name": "y"}],
    },
    "a part of nobody's": lambda body: {
        **body,
        "messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}],
    },
    "a tool without a schema": with_tool(lambda function: function.pop("parameters")),
    "strict on a tool": with_tool(lambda function: function.update(strict=True)),
    "a choice of OpenAI's": lambda body: {**body, "tool_choice": "auto"},
    "a result without a call": lambda body: {
        **body,
        "messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}],
    },
    "a limit in quotes": lambda body: {**body, "max_tokens": "10"},
}

if __name__ == "__main__":
    judge_requests(f"cohere {version('cohere')}", ["cohere", "cohere-reasoning"], accept, SPOILS)
