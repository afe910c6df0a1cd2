"""The codec: values come back as what they were, by exact type; whatever else comes in is refused and never run."""

import ast
import collections
import contextlib
import datetime
import math
import tracemalloc
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

import hypothesis.extra.numpy as arrays_of
import msgpack
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleml_course.grading import split
from scaleml_course.grading.split import codec, containers, frames, scalars, wire
from scaleml_course.grading.split.codec import CodecError, Decoder, Encoder

FOLDER = Path(split.__file__).parent
SLOW = settings(max_examples=150, deadline=None)


def round_trip(value):
    encoder = Encoder()
    message = wire.unpack(wire.pack({"node": encoder.node(value)}))
    return Decoder([bytearray(buffer) for buffer in encoder.buffers]).value(message["node"])


def alike(one, other):
    """Equal, of one type all the way down, with NaN equal to itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(map(repr, one)) == list(map(repr, other)) and all(map(alike, one.values(), other.values()))
    return repr(one) == repr(other) if isinstance(one, complex) else one == other


KEYS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.dates(), st.tuples(st.integers(), st.text())
)
ATOMS = st.one_of(
    KEYS,
    st.integers(-(2**300), 2**300),
    st.floats(),
    st.complex_numbers(),
    st.text(st.characters(), max_size=20),
    st.datetimes(timezones=st.one_of(st.none(), st.timezones(), st.just(datetime.UTC))),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.binary().map(bytearray),
    st.builds(range, st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 9)),
    st.builds(slice, st.none() | st.integers(), st.none() | st.integers()),
    st.sampled_from([..., int, np.float64, np.dtype("i4"), Path("/a/b"), PureWindowsPath("c:/x")]),
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        st.dictionaries(KEYS, inner).map(OrderedDict),
        st.sets(KEYS),
        st.frozensets(KEYS),
        st.lists(inner).map(lambda items: deque(items, maxlen=50)),
        st.dictionaries(KEYS, st.integers(1, 9)).map(Counter),
    ),
    max_leaves=25,
)


@SLOW
@given(VALUES)
def test_python_values_come_back_as_they_were(value):
    assert alike(round_trip(value), value)


@SLOW
@given(
    st.lists(st.floats(), min_size=30, max_size=80)
    | st.lists(st.integers(-(2**70), 2**70), min_size=30, max_size=80)
    | st.lists(st.text(st.characters()), min_size=30, max_size=80)
    | st.lists(st.booleans() | st.integers(), min_size=30, max_size=80)
)
def test_long_lists_of_one_type_come_back_item_by_item(items):
    assert alike(round_trip(items), items)
    assert alike(round_trip(tuple(items)), tuple(items))


FIELDS = arrays_of.array_dtypes(arrays_of.boolean_dtypes() | arrays_of.integer_dtypes(), max_size=3)
# Fields with titles are opaque: nothing describes them but NumPy's own pickles.
DTYPES = arrays_of.scalar_dtypes() | FIELDS.filter(lambda dtype: set(dtype.fields) == set(dtype.names))


@SLOW
@given(arrays_of.arrays(DTYPES, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=5)), st.booleans())
def test_arrays_come_back_with_dtype_shape_and_bytes(array, turned):
    array = array.T if turned else array
    back = round_trip(array)
    assert type(back) is np.ndarray
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize(
    "array",
    [
        np.arange(20).reshape(4, 5)[::2, ::-1],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.broadcast_to(np.int64(3), (4, 5)),
        np.array([1, "two", None, (3,)], dtype=object),
        np.array(["a", None] * 40, dtype=object),
        np.array(["a", "b"], dtype=np.dtypes.StringDType()),
        np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
        np.array([(1, 2.0, "x")], dtype=np.dtype([("a", "i1"), ("b", "f8"), ("c", "U3")], align=True)),
        np.array([(1, [2.0, 3.0])], dtype=[("a", "i1"), ("b", "f4", (2,))]),
        np.rec.array([(1, 2.0)], names="a,b"),
        np.matrix([[1, 2]]),
    ],
    ids=lambda array: f"{type(array).__name__}-{array.dtype}",
)
def test_uncommon_arrays(array):
    back = round_trip(array)
    assert type(back) is type(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert repr(back.tolist()) == repr(array.tolist())


def test_a_memory_map_comes_as_an_array(tmp_path):
    held = np.memmap(tmp_path / "x", dtype="i4", mode="w+", shape=(3,))
    assert type(round_trip(held)) is np.ndarray


def test_masked_arrays():
    masked = np.ma.masked_array([1, 2, 3], [False, True, False], fill_value=9)
    back = round_trip(masked)
    assert back.mask.tolist() == [False, True, False] and back.fill_value == 9
    assert round_trip(np.ma.masked) is np.ma.masked
    assert round_trip(np.ma.masked_array([1.0])).mask is np.ma.nomask


def test_masked_arrays_are_no_values_where_they_may_not_be():
    for value in (np.ma.masked, np.ma.array([1, 2], mask=[0, 1])):
        with pytest.raises(CodecError):
            Encoder(masked=False).node(value)
        encoder = Encoder()
        node = encoder.node(value)
        with pytest.raises(CodecError, match="masked"):
            Decoder([bytearray(buffer) for buffer in encoder.buffers], masked=False).value(node)


@pytest.mark.parametrize("kind", ["coo", "csc", "csr", "dia", "dok", "lil"])
@pytest.mark.parametrize("suffix", ["array", "matrix"])
def test_sparse_matrices(kind, suffix):
    matrix = getattr(scipy.sparse, f"{kind}_{suffix}")(np.array([[0, 1.5, 0], [2.5, 0, 0]]))
    back = round_trip(matrix)
    assert type(back) is type(matrix)
    assert back.toarray().tolist() == matrix.toarray().tolist()


ROWS = 3
COLUMNS = {
    "int": [1, 2, 3],
    "text": ["x", None, "z"],
    "category": pd.Categorical(["u", "v", "u"], categories=["v", "u", "w"], ordered=True),
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "Float32": pd.array([1.5, None, 3], dtype="Float32"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
    "moment": pd.date_range("2020", periods=ROWS),
    "zoned": pd.date_range("2020-03-28", periods=ROWS, tz="Europe/Berlin"),
    "delta": pd.to_timedelta([1, None, 3], unit="s"),
    "period": pd.period_range("2020", periods=ROWS, freq="M"),
    "interval": pd.interval_range(0, ROWS),
    "string": pd.array(["a", None, "c"], dtype="string"),
    "python string": pd.array(["a", None, "c"], dtype=pd.StringDtype("python")),
    "arrow int": pd.array([1, None, 3], dtype="int64[pyarrow]"),
    "arrow text": pd.array(["a", None, "c"], dtype="string[pyarrow]"),
    "objects": pd.Series([[1], {2}, "x"], dtype=object),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_frames(name):
    frame = pd.DataFrame({"first": [1.0, 2.0, np.nan], name: COLUMNS[name]})
    pd.testing.assert_frame_equal(round_trip(frame), frame)
    series = frame[name].rename(("a", 1))
    pd.testing.assert_series_equal(round_trip(series), series)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3, name="n"),
        pd.Index([3, 1, 2]),
        pd.Index(["a", None, "c"]),
        pd.Index([(1, 2), 3, "x"], dtype=object),
        pd.date_range("2020", periods=3, freq="D"),
        pd.DatetimeIndex(["2020-01-01", "2021-01-01", "2020-05-05"], tz="UTC"),
        pd.timedelta_range("1h", periods=3),
        pd.CategoricalIndex(["a", "b", "a"]),
        pd.interval_range(0, 3),
        pd.period_range("2020", periods=3, freq="Q"),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["u", None]),
    ],
    ids=lambda index: f"{type(index).__name__}-{index.dtype}",
)
def test_indexes(index):
    pd.testing.assert_index_equal(round_trip(index), index, exact=True)
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2), index=index, columns=["x", "x"])
    pd.testing.assert_frame_equal(round_trip(frame), frame)


def test_frames_with_nothing_in_them():
    for frame in (pd.DataFrame(), pd.DataFrame(index=[1, 2]), pd.DataFrame(columns=["a"])):
        pd.testing.assert_frame_equal(round_trip(frame), frame)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2020-07-01"),
        pd.Timestamp("2020-07-01", tz="Europe/Berlin"),
        pd.Timedelta("3h"),
        pd.Interval(1, 2),
    ],
    ids=repr,
)
def test_single_values_of_pandas(value):
    assert repr(round_trip(value)) == repr(value)


def test_missing_values_are_the_ones_there_are():
    assert round_trip(pd.NaT) is pd.NaT and round_trip(pd.NA) is pd.NA


@pytest.mark.parametrize(
    "value",
    [np.float32(1.5), np.int64(-3), np.bool_(True), np.str_("ü"), np.datetime64("2020", "us"), np.complex64(1j)],
)
def test_numpy_scalars_keep_their_type(value):
    back = round_trip(value)
    assert type(back) is type(value) and back == value


class Point(NamedTuple):
    x: int
    y: float = 0.0


def test_named_tuples_keep_their_names():
    back = round_trip([Point(1, 2.5), Point(3)])
    assert back == [(1, 2.5), (3, 0.0)] and back[0].y == 2.5 and repr(back[0]) == "Point(x=1, y=2.5)"
    assert back[0]._replace(x=7) == (7, 2.5) and back[0]._asdict() == {"x": 1, "y": 2.5}
    assert type(back[0]) is type(back[1])


def test_a_defaultdict_keeps_its_factory():
    back = round_trip(defaultdict(list, {1: [2]}))
    assert back[5] == [] and back[1] == [2]


class AlwaysEqual(int):
    __hash__ = int.__hash__

    def __eq__(self, other):
        return True


class Tricky(collections.namedtuple("Tricky", "a")):
    def __eq__(self, other):
        return True

    __hash__ = None


class Frame(pd.DataFrame):
    pass


class Array(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [AlwaysEqual(3), Tricky(1), type("S", (str,), {})("x"), type("D", (dict,), {})(), Frame({"a": [1]}),
     np.arange(3).view(Array), object(), lambda: 1, (n for n in []), print, math, AlwaysEqual, ValueError("x")],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_anything_else_is_opaque_and_a_subclass_is_anything_else(value):
    with pytest.raises(CodecError, match="cannot be passed on"):
        round_trip(value)
    exported = []
    Encoder(lambda encoder, value, depth: exported.append(value)).node([1, {"k": value}])
    assert exported == [value]


def test_an_opaque_key_or_member_makes_the_whole_container_opaque():
    for container in ({AlwaysEqual(1)}, {(1, AlwaysEqual(2)): 3}, np.array([AlwaysEqual(1)], dtype=object)):
        exported = []
        Encoder(lambda encoder, value, depth, to=exported: to.append(value)).node(["a", container])
        assert len(exported) == 1 and exported[0] is container


def test_what_holds_itself_or_shares_without_end_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(CodecError, match="holds itself"):
        round_trip(loop)
    shared = []
    for _ in range(50):
        shared = [shared, shared]
    with pytest.raises(CodecError, match="too large"):
        round_trip(shared)


def test_numbers_with_endless_digits_are_refused():
    with pytest.raises(CodecError, match="too large"):
        round_trip(1 << (8 * scalars.INT_BYTES))
    assert round_trip(-(1 << 10_000)) == -(1 << 10_000)


def test_an_array_too_large_for_a_message_stays_where_it_is():
    huge = np.broadcast_to(np.zeros(1), (2**40,))
    with pytest.raises(CodecError, match="cannot be passed on"):
        round_trip([huge])


TAGS = sorted({*codec._DECODERS, "np.array", "pd.frame", "@handle", "no such tag"})
NODES = st.recursive(
    st.one_of(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.integers(0, 4),
        st.text(max_size=8) | st.binary(max_size=8),
        st.sampled_from(["<f8", "|O", "|b1", "ndarray", "UTC", "../../etc/passwd", "python", "Int64", "csr_array"]),
    ),
    lambda inner: st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(TAGS), st.lists(inner, max_size=6))
    | st.lists(inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
BUFFERS = st.lists(st.binary(max_size=64), max_size=4)


@settings(max_examples=600, deadline=None)
@given(NODES, BUFFERS)
def test_no_structure_makes_the_decoder_raise_anything_but_its_own_error(node, buffers):
    with contextlib.suppress(CodecError):
        repr(Decoder([bytearray(buffer) for buffer in buffers]).value(node))


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise_anything_but_its_own_error(data):
    with contextlib.suppress(CodecError, wire.WireError):
        Decoder([]).value(wire.unpack(data).get("value"))


@SLOW
@given(VALUES, st.data())
def test_a_message_with_changed_bytes_is_read_or_refused(value, data):
    encoder = Encoder()
    message = bytearray(wire.pack({"value": encoder.node(value)}))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CodecError, wire.WireError):
        Decoder([bytearray(buffer) for buffer in encoder.buffers]).value(wire.unpack(message).get("value"))


@pytest.mark.parametrize(
    ("node", "buffers"),
    [
        (["np.array", "ndarray", "|O", [1], False, 0], [bytes(8)]),
        (["np.array", "ndarray", "<f8", [2**61], False, 0], [b""]),
        (["np.array", "ndarray", "<U0", [2**50], False, 0], [b""]),
        (["np.array", "ndarray", "<f8", [-1], False, 0], [bytes(8)]),
        (["np.array", "ndarray", "f8,O", [1], False, 0], [bytes(16)]),
        (["np.array", "memmap", "<f8", [1], False, 0], [bytes(8)]),
        (["np.array", "ndarray", "|b1", [1], False, 0], [b"\x02"]),
        (["np.array", "ndarray", [["a", "|b1", []]], [1], False, 0], [b"\x03"]),
        (["np.array", "ndarray", "<f8", [1], False, 7], [bytes(8)]),
        (["list", ["text", 0], ["text", 0]], [b"x"]),
        (["list*", "s", 0, 1], [b"abc", (2**40).to_bytes(8, "little")]),
        (["type", "eval"], []),
        (["type", "os.system"], []),
        (["record", "x", ["__class__"], 1], []),
        (["record", "x", ["a b"], 1], []),
        (["record", "import", ["a"], 1], []),
        (["record", "x", ["equals"], 1], []),
        (["zone", "../../../etc/passwd"], []),
        (["pd.texts", "no storage", "nan", 0, 1], [b"", b""]),
        (["pd.series", ["pd.range", 0, 2**40, 1, None], ["np.objects", "ndarray", [1], "o", 1], None], []),
        (["@handle", 1, "c", "x"], []),
        (["deque", -1], []),
        (["fraction", 1, 0], []),
    ],
    ids=repr,
)
def test_forged_structures_are_refused(node, buffers):
    with pytest.raises(CodecError):
        Decoder([bytearray(buffer) for buffer in buffers]).value(node)


def test_indices_are_checked_before_compiled_code_sees_them():
    encoder = Encoder()
    parts = [encoder.node(np.array(part)) for part in ([1.0], [10**9], [0])]
    with pytest.raises(CodecError, match="outside"):
        Decoder([bytearray(b) for b in encoder.buffers]).value(["sp.matrix", "csr_array", [2, 2], *parts])
    encoder = Encoder()
    codes = encoder.node(np.array([5], dtype="i8"))
    levels = frames.encode_index(encoder, pd.Index(["a"]), 0)
    for node in (["pd.categories", codes, levels, False], ["pd.levels", [levels], [codes], [None]]):
        with pytest.raises(CodecError):
            Decoder([bytearray(b) for b in encoder.buffers]).value(node)


def test_a_short_message_cannot_ask_for_much_memory():
    forged = [
        ["np.array", "ndarray", "<f8", [10**12], False, 0],
        ["pd.series", ["pd.range", 0, 10**12, 1, None], ["np.array", "ndarray", "<f8", [1], False, 0], None],
        ["sp.matrix", "lil_array", [2**61, 2], 1, 2, 3],
        ["list*", "d", 0],
        ["np.masked_array", ["np.array", "ndarray", "<f8", [10**10, 0, 10**10], False, 0], None, 1],
    ]
    tracemalloc.start()
    try:
        for node in forged:
            with pytest.raises(CodecError):
                Decoder([bytearray(7)]).value(node)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_depth_is_bounded_when_reading_too():
    node = ["list"]
    for _ in range(codec.DEPTH + 5):
        node = ["list", node]
    with pytest.raises(CodecError, match="deep"):
        Decoder([]).value(node)
    with pytest.raises(wire.WireError):
        wire.unpack(b"\x81\xa1v" + b"\x91" * 5000)


def test_extension_types_of_msgpack_are_no_values():
    for extension in (msgpack.ExtType(5, b"x"), msgpack.Timestamp(5)):
        with pytest.raises(CodecError):
            Decoder([]).value(wire.unpack(msgpack.packb({"value": extension}))["value"])


def test_no_module_here_imports_what_runs_code_while_it_reads():
    forbidden = {"pickle", "cloudpickle", "marshal", "dill", "shelve", "joblib", "yaml", "copyreg"}
    modules = sorted(FOLDER.glob("*.py"))
    assert len(modules) > 10
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & forbidden, module.name
            if isinstance(node, ast.Name) and node.id in ("eval", "exec"):
                assert module.name == "verdicts.py", f"{module.name} runs text"  # which runs the tests themselves


def test_blocks_are_used_from_where_they_pay():
    encoder = Encoder()
    assert encoder.node([1.0] * (containers.BLOCK - 1))[0] == "list"
    assert encoder.node([1.0] * containers.BLOCK)[0] == "list*"
    assert isinstance(round_trip(zoneinfo.ZoneInfo("Europe/Berlin")), zoneinfo.ZoneInfo)
    assert round_trip([Decimal("1.50"), Fraction(1, 3)]) == [Decimal("1.50"), Fraction(1, 3)]
