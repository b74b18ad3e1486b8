"""OpenAI's Python SDK and the limits of its key."""

import os

import openai
from openai import OpenAI

import settings
from harness import case, check, equal, main, raised


def client(key):
    return OpenAI(base_url=settings.BASE_URL, api_key=key, max_retries=0, timeout=60)


def ask(key, **more):
    messages = [{"role": "user", "content": "sim:say Within the limit."}]
    return client(key).chat.completions.with_raw_response.create(model=settings.MODEL, messages=messages, **more)


@case
def requests_per_minute():
    first = ask(settings.API_KEY)
    equal(first.headers["x-ratelimit-limit-requests"], "2", "limit")
    equal(first.headers["x-ratelimit-remaining-requests"], "1", "remaining")
    check(first.headers["x-ratelimit-reset-requests"].endswith("s"), first.headers)
    with client(settings.API_KEY).chat.completions.create(
        model=settings.MODEL, messages=[{"role": "user", "content": "sim:say A stream."}], stream=True
    ) as stream:
        equal("".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices), "A stream.", "text")
    error = raised(openai.RateLimitError, lambda: ask(settings.API_KEY))
    equal(error.code, "rate_limit_exceeded", "code")
    check(int(error.response.headers["retry-after"]) > 0, error.response.headers)
    equal(error.response.headers["x-ratelimit-remaining-requests"], "0", "remaining")
    # Another key has none: what the provider says of its own limits is passed on.
    other = ask(os.environ["OTHER_KEY"])
    check(int(other.headers["x-ratelimit-limit-requests"]) > 2, other.headers)


if __name__ == "__main__":
    main()
