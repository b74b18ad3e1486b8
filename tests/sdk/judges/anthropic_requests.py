"""Anthropic's SDK judges the messages that we send: version 2.11.0 those of 2026-10-21, version 0.125.0 the older.

Which of the two is installed decides. What is called `claude` at Vertex and Bedrock has the same body but for the model
and the version, which stand elsewhere.
"""

import copy

import anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming

from captured import check, equal, judge_requests
from typed import adapter

OLD = anthropic.__version__.startswith("0.")
KINDS = ["anthropic-2023", "anthropic-adaptive", "vertex-claude", "bedrock-invoke"] if OLD else ["anthropic-2026"]
VERSIONS = {
    "anthropic-2023": "2023-06-01",
    "anthropic-adaptive": "2023-06-01",
    "anthropic-2026": "2026-10-21",
    "vertex-claude": "vertex-2023-10-16",
    "bedrock-invoke": "bedrock-2023-05-31",
}
PLAIN = adapter(MessageCreateParamsNonStreaming, "anthropic.types")
STREAMED = adapter(MessageCreateParamsStreaming, "anthropic.types")


def accept(sent):
    body = copy.deepcopy(sent.body)
    version = VERSIONS[sent.kind]
    if sent.kind == "bedrock-invoke":
        action = "invoke-with-response-stream" if sent.stream else "invoke"
        equal(sent.path, f"/model/{sent.model.replace(':', '%3A')}/{action}", "path")
        equal(body.pop("anthropic_version", None), version, "anthropic_version")
        check("model" not in body and "stream" not in body, "model or stream in the body")
        check(not isinstance(body.pop("anthropic_beta", []), str), "anthropic_beta is no list")
        body |= {"model": sent.model, "stream": sent.stream}
    elif sent.kind == "vertex-claude":
        action = "streamRawPredict" if sent.stream else "rawPredict"
        place = "/v1/projects/my-project/locations/europe-west4/publishers/anthropic/models"
        equal(sent.path, f"{place}/{sent.model}:{action}", "path")
        equal(body.pop("anthropic_version", None), version, "anthropic_version")
        check("model" not in body, "model in the body")
        equal(body.get("stream", False), sent.stream, "stream")
        body["model"] = sent.model
    else:
        equal(sent.path, "/v1/messages", "path")
        equal(sent.headers.get("anthropic-version"), version, "anthropic-version")
        check("x-api-key" in sent.headers or "authorization" in sent.headers, "no credentials")
        equal(body["model"], sent.model, "model")
        equal(body.get("stream", False), sent.stream, "stream")
    adapter = STREAMED if body.get("stream") else PLAIN
    adapter.validate_python(body, strict=True)
    turns([message for message in body["messages"] if message["role"] != "system"])


def turns(messages):
    """What types do not say: results right behind their calls, first in their turn, and none missing."""
    equal(messages[0]["role"], "user", "role of the first turn")
    open_calls = set()
    for message in messages:
        content = message["content"] if isinstance(message["content"], list) else []
        check(message["content"], "a turn of nothing")
        results = [block["tool_use_id"] for block in content if block["type"] == "tool_result"]
        equal(set(results), open_calls, "results of the calls before")
        check(len(results) == len(set(results)), "a result twice", results)
        equal([block["type"] for block in content[: len(results)]], ["tool_result"] * len(results), "what comes first")
        open_calls = {block["id"] for block in content if block["type"] == "tool_use"}
        for block in content:
            check(block["type"] != "text" or block["text"].strip(), "a blank text")
    check(not open_calls, "calls without results")


def first_text(body):
    content = body["messages"][0]["content"]
    return content[0] if isinstance(content, list) else None


def extra_in_block(body):
    block = first_text(body)
    return None if block is None else (block.update(unheard_of=1), body)[1]


def results_last(body):
    content = body["messages"][-1]["content"]
    if not isinstance(content, list) or len(content) < 2 or content[0]["type"] != "tool_result":
        return None
    content.append(content.pop(0))
    content.append({"type": "text", "text": "?"})
    content.reverse()
    return body


def schema_of(body):
    if not body.get("tools"):
        return None
    del body["tools"][0]["input_schema"]
    return body


SPOILS = {
    "no max_tokens": lambda body: (body.pop("max_tokens"), body)[1],
    "an unknown member": lambda body: {**body, "frequency_penalty": 0.5},
    "a role of OpenAI's": lambda body: {**body, "messages": [{"role": "tool", "content": "x"}, *body["messages"]]},
    "an unknown member of a block": extra_in_block,
    "a tool without a schema": schema_of,
    "text before results": results_last,
    "a limit in quotes": lambda body: {**body, "max_tokens": "10"},
}
if not OLD:
    SPOILS["sampling, which this version has not"] = lambda body: {**body, "temperature": 1}

if __name__ == "__main__":
    judge_requests(f"anthropic {anthropic.__version__}", KINDS, accept, SPOILS)
