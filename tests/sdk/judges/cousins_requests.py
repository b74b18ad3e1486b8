"""The SDKs of Mistral and Groq judge what we send to these two, whose dialects are OpenAI's but for the exceptions."""

import json
from importlib.metadata import version

from groq.types.chat.completion_create_params import CompletionCreateParams
from mistralai.client.models.chatcompletionrequest import ChatCompletionRequest
from mistralai.client.types import BaseModel
from pydantic import ValidationError

from captured import brief, check, equal, judge_requests
from sound import is_sound
from typed import adapter, below, close_models

GROQ = adapter(CompletionCreateParams, "groq.types.shared_params", "groq.types.chat")


close_models(list(below(BaseModel)))


def accept(sent):
    equal(sent.path, "/v1/chat/completions", "path")
    check("authorization" in sent.headers, "no credentials")
    equal(sent.body["model"], sent.model, "model")
    if not sent.is_spoilt and not is_sound(sent.exchange):
        return
    calls = [call for message in sent.body["messages"] for call in message.get("tool_calls") or []]
    for call in calls:
        check(call["type"] in call, "a call without what is called:", call)
    if sent.kind == "groq":
        # It refuses by itself what it does not know, and says so. What it is sent must not be worse than what we got.
        own = set() if sent.is_spoilt else wrong(sent.exchange["asked"])
        check(wrong(sent.body) <= own, "; ".join(wrong(sent.body) - own))
        return
    shape = (sent.body.get("response_format") or {}).get("json_schema")
    if shape is not None and "schema" not in shape:
        # OpenAI's types can do without one, and Mistral says that it cannot.
        return
    ChatCompletionRequest.model_validate_json(json.dumps(sent.body))
    for call in calls:
        check(len(call["id"]) == 9 and call["id"].isalnum(), "Mistral's ids have nine letters or digits:", call["id"])


def wrong(body):
    """What Groq's types have against a body, but for `stream_options`: the API takes it, and the types lag behind."""
    body = {name: value for name, value in body.items() if name != "stream_options"}
    try:
        GROQ.validate_python(body, strict=True)
    except ValidationError as error:
        return set(brief(error).split("; "))
    return set()


SPOILS = {
    "an unknown member": lambda body: {**body, "store": True},
    "no messages": lambda body: {key: value for key, value in body.items() if key != "messages"},
    "an unknown role": lambda body: {**body, "messages": [{"role": "developer", "content": "x"}]},
    "an unknown member of a message": lambda body: {
        **body,
        "messages": [{"role": "user", "content": "x", "seal": "y"}],
    },
    "the other seed": lambda body: {**body, "seed": "1"},
}

if __name__ == "__main__":
    names = " and ".join(f"{name} {version(name)}" for name in ("mistralai", "groq"))
    judge_requests(names, ["mistral", "groq"], accept, SPOILS)
