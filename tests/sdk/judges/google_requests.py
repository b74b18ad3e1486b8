"""Google's SDK judges what we send to Gemini and Vertex AI.

Its types are closed. The body is read into them, handed to the SDK as the arguments of a call, and what the SDK would
send for that must be what we have sent: so members that one of the two surfaces lacks are seen as well, and the path.
"""

import functools
import json

import httpx
from google import genai
from google.auth.credentials import AnonymousCredentials
from google.genai import types

from captured import check, equal, judge_requests, same

PROJECT = {"project": "my-project", "location": "europe-west4"}
CONFIG = set(types.GenerateContentConfig.model_fields)
# Beside the contents; what else there is stands in `generationConfig`.
OUTER = {
    "systemInstruction": "system_instruction",
    "tools": "tools",
    "toolConfig": "tool_config",
    "safetySettings": "safety_settings",
    "cachedContent": "cached_content",
    "labels": "labels",
    "serviceTier": "service_tier",
    "store": "store",
}


def accept(sent):
    vertex = sent.kind == "vertex"
    verb = "streamGenerateContent?alt=sse" if sent.stream else "generateContent"
    place = "/v1/projects/my-project/locations/europe-west4/publishers/google" if vertex else "/v1beta"
    equal(sent.path, f"{place}/models/{sent.model}:{verb}", "path")
    check("key=" not in sent.path, "the key in the URL")
    check("x-goog-api-key" in sent.headers or "authorization" in sent.headers, "no credentials")

    body = dict(sent.body)
    contents = [types.Content.model_validate(content) for content in body.pop("contents")]
    config = snake(body.pop("generationConfig", {}))
    for name, value in body.items():
        check(name in OUTER, "an unknown member:", name)
        config[OUTER[name]] = value
    config = types.GenerateContentConfig.model_validate(config)
    again = generated(vertex, sent.model, sent.stream, contents, config)
    if not again["generationConfig"]:
        # It never leaves that out.
        del again["generationConfig"]
    same(folded(sent.body), folded(again), "the SDK would send something else")
    turns(sent.body["contents"])
    for tool in sent.body.get("tools", []):
        for declared in tool.get("functionDeclarations", []):
            check(not {"parameters", "parametersJsonSchema"} <= declared.keys(), "two schemas:", declared)


def snake(config):
    """The members of `generationConfig` by the names that the SDK's own configuration has for them."""
    names = {}
    for name, value in config.items():
        plain = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        check(plain in CONFIG, "an unknown member of generationConfig:", name)
        names[plain] = value
    return names


def generated(vertex, model, stream, contents, config):
    """The body that the SDK sends for the same call."""
    models, seen = client(vertex)
    call = {"model": model, "contents": contents, "config": config}
    if stream:
        list(models.generate_content_stream(**call))
    else:
        models.generate_content(**call)
    return seen.pop()


@functools.cache
def client(vertex):
    """Google's models, by a client whose calls are answered here, and the bodies of these calls."""
    seen = []

    def answer(request):
        seen.append(json.loads(request.content))
        text = b'{"candidates":[{"content":{"role":"model","parts":[{"text":"x"}]},"finishReason":"STOP"}]}'
        if "alt=sse" in str(request.url):
            text = b"data: " + text + b"\r\n\r\n"
        return httpx.Response(200, content=text, headers={"content-type": "application/json"})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    options = types.HttpOptions(base_url="http://played", httpx_client=http)
    if vertex:
        made = genai.Client(vertexai=True, credentials=Token(), http_options=options, **PROJECT)
    else:
        made = genai.Client(api_key="any", vertexai=False, http_options=options)
    # It closes what it uses once nobody holds it any more.
    return Kept(made), seen


class Kept:
    def __init__(self, client):
        self.client = client
        self.generate_content = client.models.generate_content
        self.generate_content_stream = client.models.generate_content_stream


class Token(AnonymousCredentials):
    """Credentials of nobody, which are always good."""

    def __init__(self):
        super().__init__()
        self.token = "any"

    def refresh(self, request):
        pass


# Below these, names are the caller's and stay as they are.
FREE = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "labels", "properties", "defs"}


def folded(value):
    """With one spelling of names, bytes and empty lists, so that two writers can be compared."""
    if isinstance(value, list):
        return [folded(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, item in value.items():
        camel = "".join(part.capitalize() if at else part for at, part in enumerate(name.split("_")))
        if camel in ("data", "thoughtSignature") and isinstance(item, str):
            item = item.replace("-", "+").replace("_", "/")
        made[camel] = item if camel in FREE else folded(item)
    return made


def turns(contents):
    """What types do not say: the turns alternate, and results answer the calls before them in their order."""
    equal([content["role"] for content in contents[:1]], ["user"], "role of the first turn")
    calls = []
    for before, content in zip([None, *contents], contents):
        if before is not None:
            check(before["role"] != content["role"], "two turns of the", content["role"], "in a row")
        check(content["parts"], "a turn of nothing")
        answered = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        equal([result["name"] for result in answered], [call["name"] for call in calls], "results of the calls before")
        equal([result.get("id") for result in answered], [call.get("id") for call in calls], "ids of results")
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
    check(not calls, "calls without results")


def deep(path, value, replace=False):
    def spoil(body):
        place = body
        for key in path[:-1]:
            try:
                place = place[key]
            except (KeyError, IndexError, TypeError):
                return None
        if replace and path[-1] not in place:
            return None
        place[path[-1]] = value
        return body

    return spoil


def reversed_results(body):
    for content in body["contents"]:
        names = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
        if names != names[::-1]:
            content["parts"].reverse()
            return body
    return None


SPOILS = {
    "an unknown member": deep(["frequency_penalty"], 1),
    "an unknown member of generationConfig": deep(["generationConfig", "maxTokens"], 1),
    "an unknown member of a part": deep(["contents", 0, "parts", 0, "textual"], "x"),
    "a role of OpenAI's": deep(["contents", 0, "role"], "assistant"),
    "a text that is none": deep(["contents", 0, "parts", 0, "text"], {"x": 1}, replace=True),
    "an unknown member of a function": deep(["tools", 0, "functionDeclarations", 0, "strict"], True),
    "a reference in the proto's schema": deep(["tools", 0, "functionDeclarations", 0, "parameters"], {"$ref": "#/x"}),
    "results in another order": reversed_results,
}

if __name__ == "__main__":
    version = genai.__version__
    judge_requests(f"google-genai {version}", ["gemini-2.5", "gemini-3", "vertex"], accept, SPOILS)
