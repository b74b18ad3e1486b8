"""OpenAI's types judge what we send to those who speak its dialect.

Where the client's own words are passed on byte for byte, only what was a sound request can be one afterwards: such
requests are judged that OpenAI itself would take.
"""

import openai

from captured import check, equal, judge_requests
from sound import is_sound, validate

KINDS = ["openai", "azure", "azure-dated", "deepseek"]
PATHS = {
    "azure": "/openai/v1/chat/completions",
    "azure-dated": "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
}


def accept(sent):
    azure = sent.kind.startswith("azure")
    key, other = ("api-key", "authorization") if azure else ("authorization", "api-key")
    check(key in sent.headers and other not in sent.headers, "credentials")
    equal(sent.path, PATHS.get(sent.kind, "/v1/chat/completions"), "path")
    if sent.is_spoilt or is_sound(sent.exchange):
        validate(without_thoughts(sent.body) if sent.kind == "deepseek" else sent.body, sent.stream)
    equal(sent.body["model"], sent.model, "model")


def without_thoughts(body):
    """DeepSeek wants the thoughts behind calls back, in a member of its own, and is told to think by another."""
    bare = [
        {name: item for name, item in message.items() if name != "reasoning_content"} for message in body["messages"]
    ]
    return {**{name: value for name, value in body.items() if name != "thinking"}, "messages": bare}


SPOILS = {
    "an unknown member": lambda body: {**body, "top_k": 1},
    "no messages": lambda body: {key: value for key, value in body.items() if key != "messages"},
    "an unknown role": lambda body: {**body, "messages": [{"role": "critic", "content": "x"}]},
    "an unknown member of a message": lambda body: {
        **body,
        "messages": [{"role": "user", "content": "x", "seal": "y"}],
    },
    "a number in quotes": lambda body: {**body, "temperature": "1"},
    "another model": lambda body: {**body, "model": "any"},
}

if __name__ == "__main__":
    judge_requests(f"openai {openai.__version__} requests", KINDS, accept, SPOILS)
