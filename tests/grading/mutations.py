"""Mutated submissions for the fuzz tests: hypothesis strategies that damage a valid notebook in every layer."""

import copy
import gzip
import json
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CELL_KEYS = ("cell_type", "id", "metadata", "source", "outputs", "execution_count", "attachments")
OPTIONS = ("grade", "solution", "locked", "task", "points", "grade_id", "schema_version", "cell_type", "checksum")
TOP_KEYS = ("cells", "metadata", "nbformat", "nbformat_minor")
TAGS = ["skip-execution", "raises-exception", "parameters", "hide-input", "", "\x00"]


@st.composite
def damaged(draw: st.DrawFn, valid: dict[str, Any]) -> bytes:
    """The bytes of a copy of `valid` with one to four mutations of its structure, then perhaps of its bytes."""
    notebook = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 4))):
        mutate = draw(st.sampled_from(STRUCTURAL))
        if isinstance(notebook.get("cells"), list) and notebook["cells"]:
            mutate(draw, notebook)
    text = draw(st.sampled_from(WRITERS))(notebook)
    return draw(st.sampled_from([*[same] * 8, cut, flip, garbage, encoded, zipped]))(draw, text)


def some_cell(draw: st.DrawFn, notebook: dict[str, Any]) -> dict[str, Any]:
    found = draw(st.sampled_from(notebook["cells"]))
    return found if isinstance(found, dict) else {}


def delete_cell(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    notebook["cells"].pop(draw(st.integers(0, len(notebook["cells"]) - 1)))


def repeat_cell(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    place = draw(st.integers(0, len(notebook["cells"])))
    notebook["cells"].insert(place, copy.deepcopy(some_cell(draw, notebook)))


def move_cell(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    notebook["cells"] = draw(st.permutations(notebook["cells"]))


def drop_key(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook).pop(draw(st.sampled_from(CELL_KEYS)), None)


def replace_key(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook)[draw(st.sampled_from(CELL_KEYS))] = draw(VALUES)


def change_type(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook)["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw", "heading", "CODE"]))


def change_options(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    metadata = some_cell(draw, notebook).get("metadata")
    if isinstance(metadata, dict):
        options = metadata.setdefault("nbgrader", {})
        if isinstance(options, dict):
            options[draw(st.sampled_from(OPTIONS))] = draw(VALUES | st.sampled_from([True, 1e9, "mean_small"]))


def replace_options(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    metadata = some_cell(draw, notebook).get("metadata")
    if isinstance(metadata, dict):
        metadata["nbgrader"] = draw(VALUES)


def add_tags(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    metadata = some_cell(draw, notebook).get("metadata")
    if isinstance(metadata, dict):
        metadata["tags"] = draw(VALUES | st.lists(st.sampled_from(TAGS)))


def write_text(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook)["source"] = draw(st.text(max_size=200) | st.lists(TEXT, max_size=5))


def write_much(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook)["source"] = "# " + draw(st.sampled_from("aé☃🦆\x00\u2028")) * draw(
        st.integers(1, 300_000)
    )


def many_cells(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    notebook["cells"] += [copy.deepcopy(some_cell(draw, notebook)) for _ in range(draw(st.integers(10, 60)))]


def replace_top(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    notebook[draw(st.sampled_from(TOP_KEYS))] = draw(VALUES | st.integers(-1, 99))


def change_kernel(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {"kernelspec": draw(VALUES | st.fixed_dictionaries({"name": TEXT}))}


def add_outputs(draw: st.DrawFn, notebook: dict[str, Any]) -> None:
    some_cell(draw, notebook)["outputs"] = draw(st.lists(VALUES, max_size=3))


STRUCTURAL = [
    delete_cell,
    repeat_cell,
    move_cell,
    drop_key,
    replace_key,
    change_type,
    change_options,
    replace_options,
    add_tags,
    write_text,
    write_much,
    many_cells,
    replace_top,
    change_kernel,
    add_outputs,
]


def nested(notebook: dict[str, Any]) -> str:
    return '{"cells": ' + "[" * 20_000 + "]" * 20_000 + ', "nbformat": 4}'


def twice(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook)[:-1] + ', "cells": []}'


WRITERS = [
    *[json.dumps] * 12,
    lambda notebook: json.dumps(notebook, ensure_ascii=False),
    lambda notebook: json.dumps(notebook, indent=4).replace("\n", "\r\n"),
    lambda notebook: json.dumps([notebook]),
    lambda notebook: json.dumps(json.dumps(notebook)),
    nested,
    twice,
]


def same(draw: st.DrawFn, text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def cut(draw: st.DrawFn, text: str) -> bytes:
    data = same(draw, text)
    return data[: draw(st.integers(0, len(data)))]


def flip(draw: st.DrawFn, text: str) -> bytes:
    data = bytearray(same(draw, text))
    for _ in range(draw(st.integers(1, 20))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


def garbage(draw: st.DrawFn, text: str) -> bytes:
    return draw(
        st.sampled_from([b"", b"\n", b"\x00" * 1000, same(draw, text) + b"}", draw(st.binary(max_size=200))])
    )


def encoded(draw: st.DrawFn, text: str) -> bytes:
    encoding = draw(st.sampled_from(["utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252", "utf-7"]))
    return text.encode(encoding, "replace")


def zipped(draw: st.DrawFn, text: str) -> bytes:
    return gzip.compress(same(draw, text))
