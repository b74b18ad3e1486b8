"""OpenAI's Python SDK by its Responses API. `python responses_cases.py CASE... | all`"""

import json

import openai

import settings
from harness import case, check, equal, main, raised

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOL = {"type": "function", "name": "get_weather", "description": "The weather", "parameters": PARAMETERS, "strict": False}
TOOL_INPUT = {"city": "Zürich"}
TOOL_PROMPT = f"sim:tool get_weather {json.dumps(TOOL_INPUT, ensure_ascii=False)}"


def client():
    return openai.OpenAI(base_url=settings.BASE_URL, api_key=settings.API_KEY, max_retries=0, timeout=60)


@case
def plain():
    answer = client().responses.create(model=settings.MODEL, input="sim:say Grüße 🦀", instructions="Be brief.", store=False)
    equal((answer.object, answer.status, answer.output_text), ("response", "completed", "Grüße 🦀"), "answer")
    check(answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, "usage", answer.usage)
    return {"id": answer.id}


@case
def stream():
    text = "one two three, Grüße 🦀"
    with client().responses.stream(model=settings.MODEL, input=f"sim:say {text}", store=False) as events:
        kinds, parts = [], []
        for event in events:
            kinds.append(event.type)
            if event.type == "response.output_text.delta":
                parts.append(event.delta)
        answer = events.get_final_response()
    equal("".join(parts), text, "streamed text")
    equal(answer.output_text, text, "final text")
    equal((kinds[0], kinds[-1]), ("response.created", "response.completed"), "first and last event")
    return {"events": len(kinds)}


@case
def tools():
    turns = [{"role": "user", "content": TOOL_PROMPT}]
    ask = {"model": settings.MODEL, "tools": [TOOL], "store": False}
    answer = client().responses.create(input=turns, **ask)
    [call] = [item for item in answer.output if item.type == "function_call"]
    equal((call.name, json.loads(call.arguments)), ("get_weather", TOOL_INPUT), "call")
    turns += [item.model_dump(exclude_none=True) for item in answer.output]
    turns += [{"type": "function_call_output", "call_id": call.call_id, "output": "21°"}]
    answer = client().responses.create(input=turns, **ask)
    check("21°" in answer.output_text, "the result is lost:", answer.output_text)
    return {"call": call.call_id}


@case
def state():
    call = {"model": settings.MODEL, "input": "x", "previous_response_id": "resp_1"}
    error = raised(openai.BadRequestError, lambda: client().responses.create(**call))
    equal(error.param, "previous_response_id", "param")
    return {"message": error.message}


if __name__ == "__main__":
    main()
