"""Whatever is said in a request reaches the provider: texts, files, arguments and results, in their order."""

import json

from captured import check, judge_requests

PLACES = ("messages", "contents", "system", "systemInstruction")
INSTRUCTIONS = ("system", "developer")


def accept(sent):
    if "dropped;param=messages.content" in sent.exchange["headers"].get("x-llm-warning", ""):
        # Not unawares.
        return
    asked = sent.exchange["asked"]["messages"]
    instructions = [text for message in asked if message["role"] in INSTRUCTIONS for text in said_in(message)]
    rest = [message for message in asked if message["role"] not in INSTRUCTIONS]
    found = list(strings([sent.body[place] for place in PLACES if place in sent.body]))
    missing = [text for text in instructions if not any(text in other for other in found)]
    # Results may come in the order of their calls, whatever their own.
    missing += min((lost(order, found, sent.kind) for order in (rest, by_calls(rest))), key=len)
    check(not missing, "what was said is lost, or out of order:", missing)


def lost(messages, found, kind):
    """What does not stand behind what was said before it."""
    missing, at = [], 0
    for message in messages:
        for text in said_in(message):
            # Ollama has images beside the text, wherever they stood in it.
            is_beside = kind.startswith("ollama") and text in images(message)
            place = next((place for place in range(0 if is_beside else at, len(found)) if text in found[place]), None)
            if place is None:
                missing.append(text)
            elif not is_beside:
                at = place
    return missing


def by_calls(messages):
    ordered, calls, results = [], [], {}
    for message in [*messages, {"role": "end"}]:
        if message["role"] == "tool":
            results[message["tool_call_id"]] = message
            continue
        ordered += [results.pop(call) for call in calls if call in results]
        ordered += results.values()
        calls, results = [call["id"] for call in message.get("tool_calls") or []], {}
        ordered.append(message)
    return ordered[:-1]


def said_in(message):
    content = message.get("content")
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content or []:
        yield from said_by(part)
    for call in message.get("tool_calls") or []:
        inner = call[call["type"]]
        yield from words(inner["arguments"]) if "arguments" in inner else [inner["input"]]


def said_by(part):
    match part["type"]:
        case "text" if part["text"].strip():
            yield from words(part["text"])
        case "refusal":
            yield part["refusal"]
        case "image_url":
            yield of_url(part["image_url"]["url"])
        case "file" if part["file"].get("file_data", "").startswith("data:application/pdf"):
            yield of_url(part["file"]["file_data"])
        case "input_audio":
            yield part["input_audio"]["data"]


def images(message):
    parts = message["content"] if isinstance(message.get("content"), list) else []
    return [of_url(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"]


def of_url(url):
    return url.partition(";base64,")[2] or url


def words(text):
    """A text; of an object of JSON's, which may be written in another way, its texts."""
    value = parsed(text)
    return strings(value) if isinstance(value, dict) else [text]


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def strings(value):
    """All strings below a value, in their order; into an object of JSON's in a string is looked, too."""
    if isinstance(value, str):
        inner = parsed(value)
        if isinstance(inner, dict):
            yield from strings(inner)
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def without(place, at):
    def spoil(body):
        turns = body.get(place)
        return (turns.pop(at), body)[1] if isinstance(turns, list) and len(turns) > 2 else None

    return spoil


SPOILS = {
    "the first message is missing": without("messages", 0),
    "the last message is missing": without("messages", -1),
    "the first content is missing": without("contents", 0),
    "turns in another order": lambda body: (
        {**body, "messages": body["messages"][::-1]} if len(body.get("messages", [])) > 2 else None
    ),
}

if __name__ == "__main__":
    judge_requests("nothing lost", None, accept, SPOILS)
