"""The rules for answers and streams that we promise to OpenAI's clients, checked on raw bytes.

S1 to S17 are our numbers: what OpenAI's schema requires and what its SDKs were seen to need.
"""

import json

from openai.types.chat import ChatCompletion, ChatCompletionChunk

from harness import check, equal

FINISH_REASONS = {"stop", "length", "tool_calls", "content_filter", "function_call"}
CONSTANT = ("id", "object", "created", "model")


def need(where, keys, value):
    missing = set(keys) - value.keys()
    check(not missing, where, "lacks", sorted(missing), value)


def check_usage(usage):
    need("usage", ("prompt_tokens", "completion_tokens", "total_tokens"), usage)
    equal(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"], "total_tokens")


def check_head(value, kind):
    need(kind, (*CONSTANT, "choices"), value)
    equal(value["object"], kind, "object")
    check(value["id"].startswith("chatcmpl-"), "id", value["id"])
    check(type(value["created"]) is int, "created is no integer", value["created"])


def check_body(text, choices):
    """A whole answer: the required keys, the types, and nothing where nothing is."""
    ChatCompletion.model_validate_json(text, strict=True)
    body = json.loads(text)
    check_head(body, "chat.completion")
    equal([choice["index"] for choice in body["choices"]], list(range(choices)), "indices")
    for choice in body["choices"]:
        need("choice", ("index", "message", "logprobs", "finish_reason"), choice)
        check(choice["finish_reason"] in FINISH_REASONS, "finish_reason", choice)
        message = choice["message"]
        need("message", ("role", "content", "refusal"), message)
        check("tool_calls" not in message or message["tool_calls"], "empty tool_calls", message)
        for call in message.get("tool_calls", []):
            need("tool call", ("id", "type", call["type"]), call)
            if call["type"] == "custom":
                need("custom tool call", ("name", "input"), call["custom"])
            else:
                json.loads(call["function"]["arguments"])
    check_usage(body["usage"])
    return len(text)


def frames(raw):
    """The data of each frame; [DONE] is the last and is taken off."""
    text = raw.decode("utf-8")
    check(text.endswith("\n\n"), "the stream ends within a frame:", text[-80:])
    found = []
    for frame in text[:-2].split("\n\n"):
        for line in frame.split("\n"):
            check(line.startswith(("data: ", ":")), "neither data nor comment:", line)
        data = [line[6:] for line in frame.split("\n") if line.startswith("data: ")]
        check(len(data) <= 1, "data of several lines:", frame)
        found += data
    check(found and found[-1] == "[DONE]", "the stream does not end in [DONE]:", text[-80:])
    check("[DONE]" not in found[:-1], "[DONE] twice")
    return found[:-1]


class Choice:
    """Follows one choice through the stream."""

    def __init__(self):
        self.chunks = 0
        self.finish = None
        self.calls = []

    def take(self, choice):
        need("choice (S2)", ("index", "delta", "finish_reason"), choice)
        check(self.finish is None, "S11: a chunk after the finish", choice)
        delta, reason = choice["delta"], choice["finish_reason"]
        if self.chunks == 0:
            equal(delta.get("role"), "assistant", "S3: role of the first chunk")
            check(delta.get("content", "") in ("", None), "S3: the first chunk has content", delta)
        else:
            check("role" not in delta, "S3: role again", delta)
            check(delta.get("content") != "", "S4: an empty content chunk", delta)
        self.chunks += 1
        for call in delta.get("tool_calls", []):
            self.take_call(call)
        if reason is not None:
            check(reason in FINISH_REASONS, "S11: finish_reason", reason)
            equal(delta, {}, "S11: delta of the finish")
            self.finish = reason

    def take_call(self, call):
        check(type(call.get("index")) is int, "S6: call without an index", call)
        if call["index"] == len(self.calls):
            need("S5: opening of a call", ("index", "id", "type", "function"), call)
            equal(call["type"], "function", "S5: type")
            need("S5: opening of a call", ("name", "arguments"), call["function"])
            self.calls.append("")
        else:
            check(0 <= call["index"] < len(self.calls), "S6: indices are not dense", call)
            check("id" not in call and "name" not in call["function"], "S5: id or name again", call)
        self.calls[call["index"]] += call["function"]["arguments"]

    def end(self):
        check(self.finish is not None, "S11: a choice without a finish")
        check((self.finish == "tool_calls") == bool(self.calls), "finish", self.finish, "calls", self.calls)
        for arguments in self.calls:
            json.loads(arguments)


def check_stream(raw, choices, usage):
    """A whole stream, as the bytes that came."""
    chunks = frames(raw)
    followed = {}
    first = None
    for number, data in enumerate(chunks):
        ChatCompletionChunk.model_validate_json(data, strict=True)
        chunk = json.loads(data)
        check_head(chunk, "chat.completion.chunk")
        head = {key: chunk[key] for key in CONSTANT}
        first = first or head
        equal(head, first, "S1: head of chunk")
        last = number == len(chunks) - 1
        if not usage:
            check("usage" not in chunk, "S12: usage that nobody asked for", chunk)
        elif last:
            equal(chunk["choices"], [], "S12: choices of the usage chunk")
            check_usage(chunk["usage"])
        else:
            check("usage" in chunk and chunk["usage"] is None, "S12: no usage:null", chunk)
        check(chunk["choices"] or (usage and last), "a chunk without choices", chunk)
        for choice in chunk["choices"]:
            followed.setdefault(choice["index"], Choice()).take(choice)
    equal(sorted(followed), list(range(choices)), "indices of the choices")
    for choice in followed.values():
        choice.end()
    return len(chunks)
