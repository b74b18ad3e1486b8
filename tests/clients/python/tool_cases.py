"""OpenAI's Python SDK in front of a model that gets its calls wrong: the client sees a valid call or a clear error, never a
broken one. Streamed and plain."""

import json

import openai
from openai import OpenAI

import settings
from harness import case, check, equal, main, raised

PARAMETERS = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["city", "unit"],
    "additionalProperties": False,
}
TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}},
    {"type": "function", "function": {"name": "no_arguments", "parameters": {"type": "object", "properties": {}}}},
]
RIGHT = {"city": "Zürich", "days": 3, "unit": "celsius", "tags": ["a", "b"]}
TEXT = json.dumps(RIGHT, ensure_ascii=False)

# What the model writes, and what it meant.
MENDED = {
    "right": (TEXT, RIGHT),
    "fence": (f"```json {TEXT} ```", RIGHT),
    "prose": (f"Here you are: {TEXT} Enjoy!", RIGHT),
    "trailing_comma": (TEXT[:-1] + ",}", RIGHT),
    "single_quotes": (TEXT.replace('"', "'"), RIGHT),
    "unquoted_keys": (TEXT.replace('"city"', "city").replace('"days"', "days"), RIGHT),
    "comment": (TEXT[:-1] + ", /* three days */ }", RIGHT),
    "raw_tab": (TEXT.replace("Zürich", "Zü\trich"), {**RIGHT, "city": "Zü\trich"}),
    "missing_closer": (TEXT[:-1], RIGHT),
    "extra_closer": (TEXT + "}", RIGHT),
    "twice": (TEXT + TEXT, RIGHT),
    "double_encoded": (json.dumps(TEXT), RIGHT),
    "array_wrapped": (f"[{TEXT}]", RIGHT),
    "number_as_string": (TEXT.replace("3", '"3"'), RIGHT),
    "array_as_string": (json.dumps({**RIGHT, "tags": json.dumps(RIGHT["tags"])}, ensure_ascii=False), RIGHT),
    "enum_case": (TEXT.replace("celsius", "Celsius"), RIGHT),
    "default": ('{"city": "Zürich"}', {"city": "Zürich", "unit": "celsius"}),
    "unknown_member": (TEXT[:-1] + ', "because": "you asked"}', RIGHT),
}
# What has lost something, or has two readings.
REFUSED = {
    "missing": '{"days": 3, "unit": "celsius"}',
    "null": '{"city": null, "unit": "celsius"}',
    "wrong_enum": '{"city": "Zürich", "unit": "kelvin"}',
    "fraction": '{"city": "Zürich", "unit": "celsius", "days": 2.5}',
    "bound": '{"city": "Zürich", "unit": "celsius", "days": 0}',
    "container": '{"city": ["Zürich"], "unit": "celsius"}',
    "unescaped_quote": '{"city": "the "big" one", "unit": "celsius"}',
    "cut_in_a_string": '{"unit": "celsius", "city": "Zür',
    "cut_after_a_member": '{"unit": "celsius", "city": "Zürich"',
    "member_twice": '{"unit": "celsius", "city": "Zürich", "city": "Basel"}',
    "two_objects": '{"unit": "celsius", "city": "Zürich"}{"unit": "celsius", "city": "Basel"}',
    "no_json": "the weather in Zürich, please",
}


def client():
    return OpenAI(base_url=settings.BASE_URL, api_key=settings.API_KEY, max_retries=0, timeout=60)


def ask(prompt, **more):
    messages = [{"role": "user", "content": prompt}]
    more.setdefault("tools", TOOLS)
    return client().chat.completions.create(model=settings.MODEL, messages=messages, **more)


def plain(prompt, **more):
    """The calls of an answer: names and arguments as they are written."""
    message = ask(prompt, **more).choices[0].message
    return [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or []]


def streamed(prompt, **more):
    """The same of a stream. Before an error nothing of an invalid call is seen: what is seen is whole and right."""
    calls = {}
    try:
        with ask(prompt, stream=True, **more) as chunks:
            for chunk in chunks:
                for choice in chunk.choices:
                    for delta in choice.delta.tool_calls or []:
                        call = calls.setdefault(delta.index, ["", "", ""])
                        call[0] = delta.id or call[0]
                        call[1] += delta.function.name or ""
                        call[2] += delta.function.arguments or ""
    except openai.APIError as error:
        seen = [(name, json.loads(arguments)) for _, name, arguments in calls.values()]
        check(all(call == ("get_weather", RIGHT) for call in seen), f"something of an invalid call was seen: {seen}")
        raise error
    return [tuple(call) for call in calls.values()]


def both(prompt, **more):
    calls = plain(prompt, **more)
    equal([call[1:] for call in streamed(prompt, **more)], [call[1:] for call in calls], "streamed as plain")
    return calls


def refused(prompt, code="invalid_tool_call", **more):
    error = raised(openai.InternalServerError, lambda: plain(prompt, **more))
    equal((error.status_code, error.code), (502, code), "plain")
    for value in ("Zürich", "Basel", "kelvin"):
        check(value not in error.response.text, f"a value in an error: {error.response.text}")
    error = raised(openai.APIError, lambda: streamed(prompt, **more))
    equal(error.code, code, "streamed")
    return error.message


@case
def mistakes_with_one_reading_are_mended():
    for name, (written, meant) in MENDED.items():
        calls = both(f"sim:tool get_weather {written}")
        equal([call[1] for call in calls], ["get_weather"], name)
        equal(json.loads(calls[0][2]), meant, name)
    return len(MENDED)


@case
def what_is_right_stays_as_it_is():
    written = '{ "unit":"celsius","city":  "Z\\u00fcrich" }'
    equal(both(f"sim:tool get_weather {written}")[0][2], written, "arguments")


@case
def python_literals():
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"type": ["string", "null"]}}}}}]
    calls = both("sim:tool f {'a': True, 'b': None}", tools=tools)
    equal(json.loads(calls[0][2]), {"a": True, "b": None}, "arguments")


@case
def the_name_is_mended_too():
    for name in ("Get_Weather", "getWeather", "get-weather", "functions.get_weather"):
        calls = both(f"sim:tool {name} {TEXT}")
        equal(calls[0][1:], ("get_weather", TEXT), name)


@case
def what_lost_something_is_refused():
    for written in REFUSED.values():
        check("get_weather" in refused(f"sim:tool get_weather {written}"), written)
    return len(REFUSED)


@case
def calls_of_nothing_are_refused():
    check("get_wind" in refused(f"sim:tool get_wind {TEXT}"), "names the tool")
    refused(f"sim:disobey\nsim:tool get_weather {TEXT}", tool_choice="none")
    forced = {"type": "function", "function": {"name": "no_arguments"}}
    refused(f"sim:disobey\nsim:tool get_weather {TEXT}", tool_choice=forced)
    refused("sim:say I would rather not.", tool_choice="required")
    refused(f"sim:disobey\nsim:tool get_weather {TEXT}\nsim:tool no_arguments", parallel_tool_calls=False)


@case
def cut_off_is_never_mended():
    # A token is four bytes of the arguments.
    for tokens in (3, 8, 12):
        refused(f"sim:tool get_weather {TEXT}", max_tokens=tokens)


@case
def parallel_calls():
    prompt = f"sim:tool get_weather {TEXT}\nsim:tool get_weather {TEXT[:-1]},}}\nsim:tool no_arguments {{}}"
    calls = both(prompt)
    equal([json.loads(call[2]) for call in calls], [RIGHT, RIGHT, {}], "arguments")
    equal(len({call[0] for call in calls}), 3, "ids")
    refused(prompt + '\nsim:tool get_weather {"days": 1}')


@case
def legacy_functions():
    functions = [{"name": "get_weather", "parameters": PARAMETERS}]
    request = {"functions": functions, "tools": openai.NOT_GIVEN}
    answer = ask(f"sim:tool get_weather {TEXT[:-1]},}}", **request)
    equal(json.loads(answer.choices[0].message.function_call.arguments), RIGHT, "arguments")
    error = raised(openai.InternalServerError, lambda: ask('sim:tool get_weather {"days": 1}', **request))
    equal(error.code, "invalid_tool_call", "code")


@case
def structured_output():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    format = {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": schema}}
    more = {"response_format": format, "tools": openai.NOT_GIVEN}
    equal(ask('sim:say {"n": 1}', **more).choices[0].message.content, '{"n": 1}', "as it is")
    mended = ask('sim:say Sure! ```json {"n": 1,} ```', **more).choices[0].message.content
    equal(json.loads(mended), {"n": 1}, "mended")
    error = raised(openai.InternalServerError, lambda: ask('sim:say {"n": "one"}', **more))
    equal(error.code, "invalid_structured_output", "code")
    text = ""
    try:
        with ask('sim:say {"n": "one", "more": "' + "and more " * 50 + '"}', stream=True, **more) as chunks:
            for chunk in chunks:
                text += "".join(choice.delta.content or "" for choice in chunk.choices)
        check(False, "a broken answer came to its end")
    except openai.APIError as error:
        equal(error.code, "invalid_structured_output", "code")
    check(len(text) < 40, f"it ends at the first fault: {text}")
    error = raised(openai.InternalServerError, lambda: ask("sim:say no JSON", response_format={"type": "json_object"}))
    equal(error.code, "invalid_structured_output", "code")


@case
def bad_schemas():
    for parameters, place in [
        ({"type": "objekt"}, "/type"),
        ({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/schema.json"}}}, ""),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, ""),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}, "/properties/a"),
    ]:
        tools = [{"type": "function", "function": {"name": "f", "parameters": parameters}}]
        error = raised(openai.BadRequestError, lambda: ask("hi", tools=tools))
        equal((error.code, error.param), ("invalid_function_parameters", "tools[0].function.parameters"), str(parameters))
        check(place in error.message and "passwd:" not in error.message, error.message)
    # Look-ahead is no mistake: what cannot be matched in linear time is left unchecked, and the rest of the schema holds.
    email = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!@).+@"}, "n": {"type": "integer"}}}
    tools = [{"type": "function", "function": {"name": "f", "parameters": email}}]
    equal(both('sim:tool f {"a": "a@b.example", "n": "1"}', tools=tools)[0][2], '{"a":"a@b.example","n":1}', "look-ahead")
    strict = {"name": "f", "strict": True, "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}
    error = raised(openai.BadRequestError, lambda: ask("hi", tools=[{"type": "function", "function": strict}]))
    equal(error.code, "invalid_function_parameters", "strict")


@case
def reasks():
    """With `max_reasks = 1`: the model gets it right the second time, or does not."""
    raw = client().chat.completions.with_raw_response.create(
        model=settings.MODEL,
        messages=[{"role": "user", "content": f'sim:tool get_weather {{"days": 1}}\nsim:again get_weather {TEXT}'}],
        tools=TOOLS,
    )
    answer = raw.parse()
    equal(json.loads(answer.choices[0].message.tool_calls[0].function.arguments), RIGHT, "arguments")
    equal(raw.headers["x-llm-tool-calls"], "reasked=1", "header")
    once = ask(f"sim:tool get_weather {TEXT}")
    check(answer.usage.completion_tokens > once.usage.completion_tokens, "usage is of both answers")
    calls = streamed(f'sim:tool get_weather {{"days": 1}}\nsim:again get_weather {TEXT}')
    equal(json.loads(calls[0][2]), RIGHT, "streamed")
    refused('sim:tool get_weather {"days": 1}\nsim:again get_weather {"days": 2}')


@case
def reports():
    """With `on_invalid = "report"`: the call as it is, and a mark."""
    raw = client().chat.completions.with_raw_response.create(
        model=settings.MODEL, messages=[{"role": "user", "content": 'sim:tool get_weather {"days": 1}'}], tools=TOOLS
    )
    equal(raw.parse().choices[0].message.tool_calls[0].function.arguments, '{"days": 1}', "arguments")
    equal(raw.headers["x-llm-tool-calls"], "invalid=1", "header")
    equal(streamed('sim:tool get_weather {"days": 1}')[0][2], '{"days": 1}', "streamed")


@case
def written_calls():
    """With `written_calls = true`."""
    for text in [
        f'<tool_call>\n{{"name": "get_weather", "arguments": {TEXT}}}\n</tool_call>',
        f'```json\n{{"name": "get_weather", "arguments": {TEXT}}}\n```',
    ]:
        answer = ask(f"sim:say {text}")
        call = answer.choices[0].message.tool_calls[0]
        equal((call.function.name, json.loads(call.function.arguments)), ("get_weather", RIGHT), text)
        equal(answer.choices[0].finish_reason, "tool_calls", "finish_reason")
        equal(json.loads(streamed(f"sim:say {text}")[0][2]), RIGHT, "streamed")
    equal(ask("sim:say Write <tool_call> to call.").choices[0].message.content, "Write <tool_call> to call.", "text")


if __name__ == "__main__":
    main()
