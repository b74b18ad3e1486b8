"""OpenAI's Python SDK in front of a cache: the same answers, asked for once, and nobody else's."""

import os

import openai
from openai import OpenAI

import settings
from harness import case, check, equal, main, raised

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}


def client(key=settings.API_KEY, **headers):
    return OpenAI(base_url=settings.BASE_URL, api_key=key, max_retries=0, timeout=60, default_headers=headers)


def ask(text, key=settings.API_KEY, headers=None, **more):
    messages = [{"role": "user", "content": text}]
    raw = client(key).chat.completions.with_raw_response
    return raw.create(model=settings.MODEL, messages=messages, extra_headers=headers or {}, **more)


def streamed(text, **more):
    """The text, the finish reason and the usage of a stream, as the SDK reads it."""
    said, finish, usage = "", None, None
    messages = [{"role": "user", "content": text}]
    with client().chat.completions.create(model=settings.MODEL, messages=messages, stream=True, **more) as stream:
        outcome = stream.response.headers["x-llm-cache"]
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                said += choice.delta.content or ""
                finish = choice.finish_reason or finish
    return outcome, said, finish, usage


@case
def plain_then_plain():
    first, second = (ask("sim:say Twice.", user=f"u{n}") for n in range(2))
    equal([first.headers["x-llm-cache"], second.headers["x-llm-cache"]], ["miss", "hit"], "outcomes")
    equal(second.parse(), first.parse(), "answers")
    equal(second.headers["x-llm-cost-usd"], "0", "cost")
    check(float(second.headers["x-llm-cache-saved-usd"]) > 0, second.headers)
    check(int(second.headers["age"]) >= 0, second.headers)


@case
def plain_then_stream():
    text = "sim:say A longer answer, which takes several pieces to be told as a stream of events, one after the other."
    whole = ask(text).parse()
    outcome, said, finish, usage = streamed(text, stream_options={"include_usage": True})
    equal((outcome, said, finish), ("hit", whole.choices[0].message.content, "stop"), "the stream")
    equal(usage.total_tokens, whole.usage.total_tokens, "usage")
    equal(streamed(text)[3], None, "usage that nobody asked for")


@case
def stream_then_plain():
    text = "sim:say Recorded as it passes."
    outcome, said, finish, usage = streamed(text)
    equal((outcome, said, finish, usage), ("miss", "Recorded as it passes.", "stop", None), "the stream")
    whole = ask(text)
    equal(whole.headers["x-llm-cache"], "hit", "outcome")
    equal(whole.parse().choices[0].message.content, said, "text")
    check(whole.parse().usage.total_tokens > 0, "usage")


@case
def tools():
    for stream in (True, False):
        text = f'sim:tool now {{}}{" " * stream}'
        messages = [{"role": "user", "content": text}]
        with client().chat.completions.stream(model=settings.MODEL, messages=messages, tools=[TOOL]) as stream:
            first = stream.get_final_completion()
        again = ask(text, tools=[TOOL])
        equal(again.headers["x-llm-cache"], "hit", "outcome")
        equal(again.parse().choices[0].message.tool_calls[0].id, first.choices[0].message.tool_calls[0].id, "the call")


@case
def tenants():
    other = os.environ["OTHER_KEY"]
    outcomes = [ask("sim:say Mine.", key).headers["x-llm-cache"] for key in (settings.API_KEY, other, settings.API_KEY, other)]
    equal(outcomes, ["miss", "miss", "hit", "hit"], "outcomes")


@case
def directives():
    def outcome(**headers):
        return ask("sim:say As I like it.", headers={name.replace("_", "-"): value for name, value in headers.items()}).headers["x-llm-cache"]

    equal(outcome(cache_control="no-store"), "miss", "no-store")
    equal(outcome(), "miss", "nothing was kept")
    equal(outcome(x_llm_cache_namespace="other"), "miss", "another namespace")
    equal(outcome(cache_control="no-cache"), "miss", "no-cache")
    equal(outcome(), "hit", "in the end")
    equal(outcome(cache_control="no-cache, no-store"), "bypass", "neither")
    error = raised(openai.InternalServerError, lambda: ask("sim:say Never asked.", headers={"cache-control": "only-if-cached"}))
    equal((error.status_code, error.code), (504, "not_cached"), "only-if-cached")
    error = raised(openai.BadRequestError, lambda: ask("x", headers={"x-llm-cache-ttl": "soon"}))
    equal(error.param, "x-llm-cache-ttl", "param")


@case
def embeddings():
    # The SDK asks for base64 where nobody says otherwise.
    for more in ({}, {"encoding_format": "float"}, {"dimensions": 8}):
        def embed(*texts):
            return client().embeddings.with_raw_response.create(model=settings.MODEL, input=list(texts), **more)

        embed("one", "two")
        batch = embed("three", "one", "three", "two")
        equal(batch.headers["x-llm-cache-inputs"], "hits=2,misses=1", "inputs")
        answer = batch.parse()
        equal([item.index for item in answer.data], [0, 1, 2, 3], "indexes")
        equal(answer.usage.prompt_tokens, 1, "what was asked for now")
        single = {text: client().embeddings.create(model=settings.MODEL, input=text, **more).data[0].embedding for text in ("one", "two", "three")}
        for item, text in zip(answer.data, ("three", "one", "three", "two")):
            equal(item.embedding, single[text], text)
        equal(embed("two", "three").headers["x-llm-cache"], "hit", "outcome")


@case
def meaning():
    def cached(text):
        headers = ask(text).headers
        return headers["x-llm-cache"], headers.get("x-llm-cache-score")

    said = "please tell me again what the large brown dog in the garden did to the small grey cat"
    equal(cached(said), ("miss", None), "new")
    near = cached(said.replace("please ", ""))
    check(near[0] == "hit" and 0.8 <= float(near[1]) < 1, near)
    equal(cached(said), ("hit", None), "by its words")
    equal(cached(said + " at 9"), ("miss", None), "another number")
    equal(cached(said.replace("did to", "did not do to"))[0], "miss", "the contrary")


if __name__ == "__main__":
    main()
