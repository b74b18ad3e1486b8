"""Makes the types of an SDK say no.

Of typed dictionaries, pydantic passes over members that they do not have, and looks into an `Iterable` only when
somebody walks through it. Here every one of a package is closed, and every `Iterable` is a list. Alternatives that no
JSON can be are left out: open files, and the SDK's models of answers, which would let any member pass. Models that let
unknown members pass are closed as well.
"""

import collections.abc
import functools
import importlib
import inspect
import os
import pkgutil
import types
import typing

import typing_extensions
from pydantic import BaseModel, ConfigDict, TypeAdapter

# `TypedDict`s that are meant to be open.
OPEN = {"InputSchemaTyped"}


@functools.cache
def close(package):
    """Closes the typed dictionaries below a package, in place."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if inspect.isclass(value) and typing_extensions.is_typeddict(value) and value.__module__ == module.__name__:
                tighten(value)


def tighten(kind):
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    kind.__annotations__ = {name: listed(hint) for name, hint in hints.items()}
    if kind.__name__ not in OPEN:
        kind.__pydantic_config__ = ConfigDict(extra="forbid")


def listed(hint):
    """The same type, with lists in place of iterables."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is collections.abc.Iterable:
        return list[listed(arguments[0])]
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(listed(argument) for argument in arguments if is_json(argument))]
    if origin in (typing_extensions.Required, typing_extensions.NotRequired):
        return origin[listed(arguments[0])]
    if origin is typing.Annotated:
        return typing.Annotated[(listed(arguments[0]), *hint.__metadata__)]
    if origin in (list, collections.abc.Sequence):
        return list[listed(arguments[0])]
    if origin in (dict, collections.abc.Mapping):
        return dict[arguments[0], listed(arguments[1])]
    return hint


def is_json(hint):
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return is_json(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return any(map(is_json, typing.get_args(hint)))
    kind = origin or hint
    return kind is not typing.IO and not (inspect.isclass(kind) and issubclass(kind, (BaseModel, os.PathLike)))


def adapter(kind, *packages):
    for package in packages:
        close(package)
    return TypeAdapter(kind)


def below(kind):
    """All models that are made of this one."""
    for inner in kind.__subclasses__():
        yield inner
        yield from below(inner)


def close_models(kinds, names=None):
    """Closes models, in place. `names` are those that their annotations may need."""
    for kind in kinds:
        kind.model_config = {**kind.model_config, "extra": "forbid"}
        if "__pydantic_core_schema__" in vars(kind):
            # A model that holds others keeps what they were made into.
            type.__delattr__(kind, "__pydantic_core_schema__")
    for kind in kinds:
        kind.model_rebuild(force=True, _types_namespace=names)
