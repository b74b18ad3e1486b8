"""OpenAI's Python SDK, the proxy, and a real model on llama.cpp: `cargo xtask real` drives this.

Beside settings.py it reads LLAMA_URL, the model server's own root.
"""

import json
import os
import time
import urllib.request

import openai

import settings
from harness import case, check, equal, main, raised

LLAMA_URL = os.environ.get("LLAMA_URL", "http://127.0.0.1:8000")
QUESTION = "What is the capital of France?"
# A member that OpenAI's schema lacks and llama.cpp knows: the answer goes on to the limit.
ENDLESS = {"ignore_eos": True}


def client():
    return openai.OpenAI(base_url=settings.BASE_URL, api_key=settings.API_KEY, max_retries=0, timeout=120)


def ask(prompt, **more):
    messages = [{"role": "user", "content": prompt}]
    return {"model": settings.MODEL, "messages": messages, "temperature": 0, "seed": 1, "max_tokens": 48, **more}


def busy():
    """Whether the model server is at work on a request."""
    with urllib.request.urlopen(f"{LLAMA_URL}/slots", timeout=5) as answer:
        return any(slot["is_processing"] for slot in json.load(answer))


@case
def plain():
    answer = client().chat.completions.create(**ask(QUESTION))
    text = answer.choices[0].message.content
    check("Paris" in text, "the model says", repr(text))
    equal(answer.choices[0].finish_reason, "stop", "finish_reason")
    check(answer.usage.completion_tokens > 0, "usage", answer.usage)
    return {"model": answer.model, "answer": text, "usage": answer.usage.total_tokens}


@case
def stream():
    call = ask(QUESTION, stream=True, stream_options={"include_usage": True})
    start = time.monotonic()
    first, parts, last = None, [], None
    for last in client().chat.completions.create(**call):
        if last.choices and last.choices[0].delta.content:
            first = first or time.monotonic() - start
            parts.append(last.choices[0].delta.content)
    text = "".join(parts)
    check("Paris" in text, "the model says", repr(text))
    check(len(parts) > 2, "not streamed:", parts)
    check(last.usage and last.usage.completion_tokens > 0, "usage", last)
    return {"answer": text, "parts": len(parts), "first_token_seconds": round(first, 3)}


@case
def errors():
    create = client().chat.completions.create
    missing = raised(openai.NotFoundError, lambda: create(**ask(QUESTION, model=settings.MISSING_MODEL)))
    equal(missing.code, "model_not_found", "code")
    raw = {"content": b'{"model": ', "options": {"headers": {"content-type": "application/json"}}}
    spoiled = raised(openai.BadRequestError, lambda: client().post("/chat/completions", cast_to=object, **raw))
    long = raised(openai.BadRequestError, lambda: create(**ask("hello " * 6000)))
    check("context size" in long.message, "the model server's own words are lost:", long.message)
    check(long.code is None or isinstance(long.code, str), "error code is no string", long.body)
    return {"model": missing.message, "json": spoiled.message, "context": long.message}


@case
def cancel():
    check(not busy(), "the model server is busy before we begin")
    chunks = client().chat.completions.create(**ask(QUESTION, stream=True, max_tokens=1500, extra_body=ENDLESS))
    next(chunks), next(chunks)
    check(busy(), "the model server is done before the hang-up")
    chunks.close()
    start = time.monotonic()
    while busy():
        check(time.monotonic() - start < 1, "the model server still works a second after the hang-up")
        time.sleep(0.02)
    return {"stopped_after_seconds": round(time.monotonic() - start, 3)}


if __name__ == "__main__":
    main()
