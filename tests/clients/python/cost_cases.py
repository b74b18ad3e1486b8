"""OpenAI's Python SDK asks what a call has cost, by OpenRouter's convention."""

from openai import OpenAI

import settings
from harness import case, check, equal, main

CLIENT = OpenAI(base_url=settings.BASE_URL, api_key=settings.API_KEY, max_retries=0, timeout=60)
CALL = {
    "model": settings.MODEL,
    "messages": [{"role": "user", "content": "sim:say It has its price."}],
    "extra_body": {"usage": {"include": True}},
}


def check_cost(usage):
    # 1000 and 2000 dollars for a million tokens.
    wanted = (usage.prompt_tokens + 2 * usage.completion_tokens) / 1000
    check(abs(usage.cost - wanted) < 1e-12, "cost: wanted", wanted, "saw", usage.cost)


@case
def cost_of_an_answer():
    raw = CLIENT.chat.completions.with_raw_response.create(**CALL)
    usage = raw.parse().usage
    check_cost(usage)
    equal(float(raw.headers["x-llm-cost-usd"]), usage.cost, "header")


@case
def cost_of_a_stream():
    chunks = list(CLIENT.chat.completions.create(stream=True, stream_options={"include_usage": True}, **CALL))
    equal("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), "It has its price.", "text")
    check_cost(chunks[-1].usage)


@case
def unasked_it_is_not_told():
    call = {name: value for name, value in CALL.items() if name != "extra_body"}
    usage = CLIENT.chat.completions.create(**call).usage
    check("cost" not in (usage.model_extra or {}), "cost that nobody asked for", usage)


if __name__ == "__main__":
    main()
