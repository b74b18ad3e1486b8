"""OpenAI's types and its Python SDK judge what we answer, whole and streamed, and the errors by which we refuse.

The answers were given to `sdk-capture`; here they are given to the SDK once more, byte for byte, by a transport that
plays them. The rules for streams are those of `tests/clients/python/strict.py`.
"""

import functools
import json
import sys
from pathlib import Path

import httpx2
import openai
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk
from openai.types.shared import ErrorObject

from captured import MUTE, Faults, check, end, equal, exchanges

sys.path.insert(0, str(Path(__file__).parents[2] / "clients/python"))
from strict import check_body, check_stream, frames  # noqa: E402

# It counts the tokens of a stream unasked; the simulator that stands for it wants to be asked.
COUNTING = {"mistral"}


@functools.cache
def player():
    """A client of the SDK, and the place for the exchange that happens to it next."""
    place = []

    def play(request):
        [exchange] = place
        headers = {name: value for name, value in exchange["headers"].items() if name != "content-length"}
        return httpx2.Response(exchange["status"], headers=headers, content=exchange["answer"].encode())

    http = httpx2.Client(transport=httpx2.MockTransport(play))
    return OpenAI(base_url="http://played/v1", api_key="any", max_retries=0, http_client=http), place


def played(exchange):
    """A client to which this exchange happens."""
    client, place = player()
    place[:] = [exchange]
    return client


def whole(exchange):
    asked = exchange["asked"]
    check_body(exchange["answer"], asked.get("n") or 1)
    raw = json.loads(exchange["answer"])
    answer = played(exchange).chat.completions.create(model="any", messages=[])
    equal(answer.to_dict(mode="json", exclude_unset=True), raw, "what the SDK makes of the answer")
    check_calls(asked, raw)
    return meaning(raw)


def streamed(exchange):
    asked = exchange["asked"]
    options = asked.get("stream_options") or {}
    wants_usage = bool(options.get("include_usage")) and exchange["kind"] not in COUNTING
    if '"type":"custom"' in exchange["answer"]:
        exchange = with_functions(exchange)
    else:
        check_stream(exchange["answer"].encode(), asked.get("n") or 1, wants_usage)
    final = accumulated(exchange)
    check_calls(asked, final)
    return meaning(final)


def with_functions(exchange):
    """The same stream, with calls of functions in place of calls of custom tools.

    OpenAI streams those too, but the SDK's types of chunks know only functions, and its helper takes no others.
    """
    lines = []
    for frame in frames(exchange["answer"].encode()):
        chunk = json.loads(frame)
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls", []):
                custom = call.pop("custom")
                call["function"] = {("arguments" if key == "input" else key): custom[key] for key in custom}
                if "type" in call:
                    call["type"] = "function"
        text = json.dumps(chunk, ensure_ascii=False)
        ChatCompletionChunk.model_validate_json(text, strict=True)
        lines.append(f"data: {text}\n\n")
    return {**exchange, "answer": "".join([*lines, "data: [DONE]\n\n"])}


def accumulated(exchange):
    """What the SDK's helper makes of a stream. It raises at gaps, and at indices that are missing."""
    chunks, last = 0, None
    try:
        with played(exchange).chat.completions.stream(model="any", messages=[]) as events:
            for event in events:
                if event.type == "chunk":
                    chunks, last = chunks + 1, event.snapshot
            last = events.get_final_completion()
    except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
        # The helper raises at such an end, once it has seen it.
        wanted = "length" if isinstance(error, openai.LengthFinishReasonError) else "content_filter"
        check(last.choices[0].finish_reason == wanted, error)
    else:
        equal(chunks, len(frames(exchange["answer"].encode())), "chunks that the helper saw")
    return last.to_dict(mode="json")


def check_calls(asked, answer):
    """A tool is called by the name that the client knows it by, and with an id of its own."""
    known = {tool[tool["type"]]["name"] for tool in asked.get("tools") or [] if tool.get("type") in tool}
    known |= {function["name"] for function in asked.get("functions") or []}
    for choice in answer["choices"]:
        calls = choice["message"].get("tool_calls") or []
        ids = [call["id"] for call in calls]
        check(len(set(ids)) == len(ids), "ids of calls repeat:", ids)
        for call in calls:
            name = call[call["type"]]["name"]
            check(name in known, f"a call of `{name}`, which is none of", sorted(known))


def meaning(answer):
    """What must be the same, whether an answer is streamed or not."""
    said = []
    for choice in answer["choices"]:
        message = choice["message"]
        calls = [call[call["type"]] for call in message.get("tool_calls") or []]
        said.append(
            {
                "finish": choice["finish_reason"],
                "content": message.get("content") or None,
                "refusal": message.get("refusal") or None,
                "reasoning": message.get("reasoning_content") or None,
                "calls": [
                    (call["name"], call["arguments"] if "arguments" in call else call["input"]) for call in calls
                ],
            }
        )
    return said


def refused(exchange):
    """An error as the SDK understands it."""
    error = json.loads(exchange["answer"])["error"]
    ErrorObject.model_validate(error, strict=True)
    for key in ("message", "type", "param", "code"):
        check(key in error, f"the error has no `{key}`", error)
    check(
        exchange["headers"].get("content-type", "").startswith("application/json"), "content-type", exchange["headers"]
    )
    try:
        played(exchange).chat.completions.create(model="any", messages=[])
    except openai.BadRequestError as raised:
        equal((raised.status_code, raised.code, raised.param), (400, error["code"], error["param"]), "what is raised")
        return
    raise AssertionError("the SDK raises nothing")


def broken_streams(exchange):
    """What the checks above must not let pass."""
    chunks = frames(exchange["answer"].encode())
    first = json.loads(chunks[0])
    spoilt = [
        ("no end", chunks[:-2]),
        ("another id", [*chunks[:-1], json.dumps({**json.loads(chunks[-1]), "id": "chatcmpl-other"})]),
        ("no finish_reason", [chunk.replace('"finish_reason":null', '"x":null') for chunk in chunks]),
        ("role twice", [json.dumps(first), *chunks]),
        ("created in quotes", [json.dumps({**first, "created": "1"}), *chunks[1:]]),
    ]
    for what, frame_list in spoilt:
        text = "".join(f"data: {frame}\n\n" for frame in [*frame_list, "[DONE]"])
        yield what, {**exchange, "answer": text}


def main():
    faults, plain, streams, refusals, broken = Faults(), {}, 0, 0, 0
    for exchange in exchanges():
        if exchange["kind"] in MUTE and exchange["sent"]:
            continue
        try:
            equal(exchange["broken"], None, "broken off")
            if exchange["status"] == 400:
                refused(exchange)
                refusals += 1
                continue
            equal(exchange["status"], 200, "status")
            key = (exchange["kind"], exchange["case"])
            if exchange["stream"]:
                streams += 1
                said = streamed(exchange)
                # Some give several choices at once, but in streams only one by one.
                if plain.get(key) and len(said) == 1:
                    equal(said, plain[key], "a stream says something else than the whole answer")
            else:
                plain[key] = None
                plain[key] = whole(exchange)
        except Exception as error:
            faults.add(exchange, error, exchange["answer"])
            continue
        if exchange["stream"] and exchange["case"] == "answers/text":
            for what, spoilt in broken_streams(exchange):
                broken += 1
                try:
                    streamed(spoilt)
                except Exception:
                    continue
                faults.add(exchange, f"the judge itself does not see this: {what}")
    counts = f"{len(plain)} answers, {streams} streams, {refusals} refusals judged, {broken} broken ones refused"
    end(f"openai {openai.__version__} answers", counts, len(plain) and streams and refusals, faults)


if __name__ == "__main__":
    main()
