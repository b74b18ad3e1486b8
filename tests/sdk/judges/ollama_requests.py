"""Ollama's SDK judges what we send to it.

Its types are open and let unknown members pass: they are closed here, but for schemas. Then the SDK writes the same
call itself, which must come out the same.
"""

import copy
import functools
import inspect
import json
from importlib.metadata import version

import httpx
import ollama
from ollama._types import ChatRequest, Message, Options, Tool

from captured import check, equal, judge_requests, same
from typed import close_models

close_models([Options, Message.ToolCall.Function, Message.ToolCall, Message, Tool.Function, Tool])

MEMBERS = set(inspect.signature(ollama.Client.chat).parameters) - {"self"}
# Which result belongs to which call: the SDK of this version has it not yet, Ollama has taken it since 0.12.
# What it knows is in the types of its server: `api.Message.ToolCallID`, `api.ToolCall.ID`.
IDS = ("tool_call_id",)


def accept(sent):
    equal(sent.path, "/api/chat", "path")
    body = copy.deepcopy(sent.body)
    equal(body.get("stream"), sent.stream, "stream: without it Ollama streams")
    for name in body:
        check(name in MEMBERS, "an unknown member:", name)
    for message in body["messages"]:
        check(message["role"] in ("system", "user", "assistant", "tool"), "role", message["role"])
        for name in IDS:
            message.pop(name, None)
        for call in message.get("tool_calls", []):
            call.pop("id", None)
            call["function"].pop("index", None)
        images = [{"value": image} for image in message.get("images", [])]
        Message.model_validate_json(json.dumps({**message, "images": images}), strict=True)
        # The SDK leaves out what is empty, which is the same to Ollama.
        if not message.get("content"):
            message.pop("content", None)
    if "options" in body:
        Options.model_validate_json(json.dumps(body["options"]), strict=True)
    for tool in body.get("tools", []):
        # What stands in the schema is the caller's, and the SDK would leave out what it does not know.
        plain = {**tool, "function": {**tool["function"], "parameters": {"type": "object"}}}
        Tool.model_validate_json(json.dumps(plain), strict=True)
        check(isinstance(tool["function"].get("parameters", {}), dict), "a schema that is no object")
    ChatRequest.model_validate_json(json.dumps({**body, "tools": []}))
    bare = {name: value for name, value in body.items() if name != "tools"}
    again = generated(bare, sent.stream)
    check(again.pop("tools") == [], "tools from nowhere")
    same(bare, again, "the SDK would send something else")


def generated(body, stream):
    client, seen = played()
    try:
        said = client.chat(**body)
        list(said) if stream else said
    except ollama.ResponseError:
        pass
    return seen.pop()


@functools.cache
def played():
    """A client whose calls are answered here, and the bodies of these calls."""
    seen = []

    def answer(request):
        seen.append(json.loads(request.content))
        return httpx.Response(500, content=b'{"error":"played"}')

    client = ollama.Client(host="http://played")
    client._client = httpx.Client(base_url="http://played", transport=httpx.MockTransport(answer))
    return client, seen


def first(name, change):
    def spoil(body):
        return (change(body[name]), body)[1] if body.get(name) else None

    return spoil


SPOILS = {
    "an unknown member": lambda body: {**body, "temperature": 0.5},
    "an unknown option": first("options", lambda options: options.update(max_tokens=1)),
    "an option in quotes": first("options", lambda options: options.update(num_predict="1")),
    "an unknown role": lambda body: {**body, "messages": [{"role": "developer", "content": "x"}]},
    "parts": lambda body: {**body, "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
    "arguments as text": lambda body: {
        **body,
        "messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}],
    },
    "an image by its address": lambda body: {
        **body,
        "messages": [{"role": "user", "content": "x", "images": [{"url": "https://example.com/x.png"}]}],
    },
    "strict on a tool": first("tools", lambda tools: tools[0]["function"].update(strict=True)),
    "a format of OpenAI's": lambda body: {**body, "format": "json_object"},
}

if __name__ == "__main__":
    judge_requests(f"ollama {version('ollama')}", ["ollama", "ollama-gpt-oss"], accept, SPOILS)
