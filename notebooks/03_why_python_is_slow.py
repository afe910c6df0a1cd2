# ---
# title: Why Python is slow
# minutes: 40
# seconds: {quick: 15, laptop: 30}
# timeout_s: 180
# memory_mb: 1500
# disk_mb: 0
# needs: []
# objectives:
#   - Count the bytes of a list, an `array.array` and an `ndarray`, and check the count against a measurement
#   - Read the bytecode of a loop, and say what the interpreter decides anew on every turn
#   - Explain why the same objects cost more to add in another order
#   - Predict from strides and cache lines which of two sums is faster
#   - Recognise the cases in which NumPy loses to a plain list
# ---

# %% [markdown]
# # 03 · Why Python is slow
#
# A delivery firm counts its work in *parcel-kilometres*: for every trip, parcels carried times kilometres driven, all
# added up. Two columns of numbers go in, one number comes out. Mathematicians call it a dot product, and you meet it
# everywhere: it is the inside of every linear model, of every layer of a neural network, of every distance in k-means.
#
# Written as a Python loop, this sum takes far longer than the same sum in NumPy, on the same core, with
# the same numbers and the same result. This lesson asks one question and does not let go of it: **where does the time go?**

# %% tags=["parameters"]
tier = "quick"

# %%
import numpy as np
from threadpoolctl import threadpool_limits

from scaleml_course.data import trips
from scaleml_course.measure import compare, hardware

size = {
    "quick": {"trips": 200_000, "boxes": 2_000_000, "buffer": 8_000_000, "fit_rows": 50_000},
    "laptop": {"trips": 1_000_000, "boxes": 4_000_000, "buffer": 32_000_000, "fit_rows": 200_000},
    "cluster": {
        "trips": 4_000_000,
        "boxes": 16_000_000,
        "buffer": 128_000_000,
        "fit_rows": 1_000_000,
    },
}[tier]
# A fair fight: no library may take a second core before lesson 04.
one_core = threadpool_limits(limits=1)
print(hardware().stamp())

# %% [markdown]
# ## How large is the gap?
#
# The course's trips table gives us two columns. We keep them twice: as NumPy arrays, and as Python lists of floats.

# %%
table = trips(size["trips"], seed=3)
kilometres = table["distance_km"].to_numpy(copy=True)
parcels = table["n_parcels"].to_numpy().astype("float64")
del table

kilometres_list, parcels_list = kilometres.tolist(), parcels.tolist()
print(
    f"{len(kilometres):,} trips, the first three: {kilometres_list[:3]} km, {parcels_list[:3]} parcels"
)


# %%
def dot_loop(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


print(f"loop  {dot_loop(parcels_list, kilometres_list):,.3f} parcel-kilometres")
print(f"NumPy {np.dot(parcels, kilometres):,.3f} parcel-kilometres")

# %% [markdown]
# The same number to the last digit shown. Before you run the next cell, commit yourself: put your guess in place of `None`.

# %%
from scaleml_course.measure import predict

guess = predict(
    "03.loop_over_dot",
    "How many times as long as np.dot over arrays does dot_loop over lists take?",
    unit="times",
    default=10,
    my_guess=None,
)

# %%
gap = compare(
    {
        "loop over lists": lambda: dot_loop(parcels_list, kilometres_list),
        "np.dot": lambda: np.dot(parcels, kilometres),
    },
    baseline="np.dot",
)
guess.compare(gap.ratio("loop over lists", "np.dot").value)
gap.table().round(3)

# %% [markdown]
# `compare` runs both candidates in turn, many times over, and divides within each round, so that a busy second of this
# machine strikes both alike. Keep the factor in mind. We will now take the loop apart and pay for each piece separately:
# first the numbers themselves, then the operations on them, then the places where they lie.

# %% [markdown]
# ## What is inside one Python integer?
#
# A billion fits in 30 bits, so 4 bytes would do.

# %% tags=["strict"]
import sys

number = 10**9
print("bits needed :", number.bit_length())
print("bytes taken :", sys.getsizeof(number))

# %% [markdown]
# What are the others for? In CPython, `id` is the object's address, so we can read its bytes and look.

# %%
import ctypes
import struct

raw = ctypes.string_at(id(number), sys.getsizeof(number))
references, type_address, n_digits, digit = struct.unpack("nPnI", raw)

print(f"bytes  0 to  7: {references:>20,}  references to this object, so that it can be freed at 0")
print(f"bytes  8 to 15: {type_address:>20,}  the address of its type; id(int) is {id(int):,}")
print(
    f"bytes 16 to 23: {n_digits:>20,}  how many digits follow: a Python integer can grow without end"
)
print(f"bytes 24 to 27: {digit:>20,}  the number itself")

# %% [markdown]
# This is a **boxed** value: the number travels inside an object that says what it is, how long it is, and how many
# still want it. The box is what lets `x` be an integer now and a string on the next line. It is also many times as heavy
# as its content.

# %% [markdown]
# ## How many bytes does an integer cost in a list?
#
# `sys.getsizeof` of a list counts the list alone. A list holds no numbers, though: it holds *pointers*,
# 8 bytes each, to boxes elsewhere. Let us count both, and each box once.


# %% tags=["strict"]
def deep_bytes(container):
    # The same box twice in the list is one box.
    distinct = {id(value): value for value in container}
    return sys.getsizeof(container) + sum(map(sys.getsizeof, distinct.values()))


million = list(range(10**9, 10**9 + 1_000_000))
print("pointers only     :", round(sys.getsizeof(million) / len(million), 2), "bytes per integer")
print("pointers and boxes:", round(deep_bytes(million) / len(million), 2), "bytes per integer")

# %% [markdown]
# The package keeps this function, with its documentation and tests, as `scaleml_course.kernels.deep_bytes`. Counting is
# one thing. Does the operating system agree? `peak_memory` runs a function in a fresh process and reports how far that
# process grew.

# %%
guess = predict(
    "03.bytes_per_int_in_list",
    "By how many bytes per integer does a process grow when it makes a list of a million large integers?",
    unit="bytes",
    default=8,
    my_guess=None,
)

# %%
from array import array

import pandas as pd

from scaleml_course.kernels import deep_bytes
from scaleml_course.measure import claim, peak_memory

START, N = 10**9, 1_000_000
makers = {
    "list": lambda: len(list(range(START, START + N))),
    "array.array('q')": lambda: len(array("q", range(START, START + N))),
    "ndarray int64": lambda: len(np.arange(START, START + N, dtype="int64")),
    "ndarray int32": lambda: len(np.arange(START, START + N, dtype="int32")),
}
measured = {name: peak_memory(make).added_bytes / N for name, make in makers.items()}
guess.compare(measured["list"])

# %%
counted = {
    "list": deep_bytes(million) / N,
    "array.array('q')": array("q", million).itemsize,
    "ndarray int64": np.dtype("int64").itemsize,
    "ndarray int32": np.dtype("int32").itemsize,
}
claim(
    "03.list_over_array_bytes",
    "As this process saw it, an integer in a list costs {value:.1f} times the memory of an integer in an int64 array.",
    measured["list"] / measured["ndarray int64"],
    at_least=3,
    unit="times",
)
pd.DataFrame({"counted": counted, "measured": measured}).rename_axis("bytes per integer").round(1)

# %% [markdown]
# Counted and measured agree, and where they differ there is a reason: the allocator hands out blocks in steps of 16 bytes,
# so a box of 28 gets 32. An `array.array` or an ndarray stores *values*, one behind the other, in a single block: a
# **contiguous buffer**. One type is written once, in the array's header, for all of them.
#
# One trap when you measure this at home: CPython makes the integers from -5 to 256 once and shares them.

# %% tags=["strict"]
print("256 made twice is one object:", int("256") is int("256"))
print("257 made twice is one object:", int("257") is int("257"))
print(
    "a list of a million zeros   :",
    round(deep_bytes([0] * 1_000_000) / 1_000_000, 2),
    "bytes per integer",
)
del million

# %% [markdown]
# ## What does the interpreter do on one turn of the loop?
#
# Python compiles a function to *bytecode*, instructions for a machine that exists only as a C program. Look at the
# body of the loop, from `FOR_ITER` to `JUMP_BACKWARD`.

# %% tags=["strict"]
import dis

dis.dis(dot_loop)

# %% [markdown]
# One multiplication and one addition are in there. All the rest fetches, stores and jumps. To count what is really
# executed, we ask the interpreter to call us back before each instruction:


# %% tags=["strict"]
def bytecodes_executed(function, *args):
    executed = 0

    def trace(frame, event, arg):
        nonlocal executed
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        executed += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return executed


for n in (10, 1_000, 2_000):
    print(
        f"{n:>5} pairs: {bytecodes_executed(dot_loop, parcels_list[:n], kilometres_list[:n]):>6,} bytecodes"
    )

# %% [markdown]
# From here on we use the package's copy. Does NumPy's dot product execute fewer?

# %%
from scaleml_course.kernels import bytecodes_executed


def dot_numpy(a, b):
    return np.dot(a, b)


in_loop = {
    n: bytecodes_executed(dot_loop, parcels_list[:n], kilometres_list[:n]) for n in (1_000, 2_000)
}
in_numpy = {n: bytecodes_executed(dot_numpy, parcels[:n], kilometres[:n]) for n in (1_000, 2_000)}
claim(
    "03.bytecodes_per_pair",
    "Each pair of values costs the loop {value:.0f} bytecodes. One call of dot_numpy executes {short} for a thousand "
    "pairs and {long} for two thousand.",
    (in_loop[2_000] - in_loop[1_000]) / 1_000,
    at_least=6,
    at_most=30,
    unit="bytecodes",
    short=in_numpy[1_000],
    long=in_numpy[2_000],
)

# %% [markdown]
# So the **interpreter's work** grows with the data in one case, and not at all in the other. The loop still runs in
# NumPy, of course. It runs in compiled code, which the interpreter enters once.

# %% [markdown]
# ## Who decides what `+` means?
#
# `BINARY_OP` does not know what it will add. It asks the left object's type, and if that has no answer, the right one's.

# %% tags=["strict"]
print("(1).__add__(2.5)  :", (1).__add__(2.5))
print("(2.5).__radd__(1) :", (2.5).__radd__(1))
print("1 + 2.5           :", 1 + 2.5)

# %% [markdown]
# This search is **dynamic dispatch**, and it happens on every single addition: nothing keeps the next element of a list from
# being of another type. One instruction, then, and very different amounts of work behind it. We time the same loop over the
# same `a + b`, and change only the objects.

# %%
from decimal import Decimal
from fractions import Fraction


class Parcels:
    def __init__(self, count):
        self.count = count

    def __add__(self, other):
        return Parcels(self.count + other.count)


TURNS = 10_000


def empty_loop():
    for _ in range(TURNS):
        pass


def add_in_a_loop(a, b):
    for _ in range(TURNS):
        a + b


pairs = {
    "float": (1.5, 2.5),
    "int": (10**9, 10**9 + 1),
    "int + float": (1, 2.5),
    "Decimal": (Decimal("1.5"), Decimal("2.5")),
    "our own class": (Parcels(1), Parcels(2)),
    "Fraction": (Fraction(1, 3), Fraction(1, 7)),
}
additions = {"(empty loop)": empty_loop} | {
    name: lambda pair=pair: add_in_a_loop(*pair) for name, pair in pairs.items()
}
dispatch = compare(additions)
claim(
    "03.dispatch",
    "The same bytecode over two Fractions takes {value:.0f} times as long as over two floats, the loop around it counted in.",
    dispatch.ratio("Fraction", "float"),
    at_least=4,
    unit="times",
)
pd.Series(
    {name: dispatch.seconds(name).value / TURNS * 1e9 for name in additions}, name="ns per turn"
).round(1).to_frame()

# %% [markdown]
# Two ints or two floats are quick, because since Python 3.11 the interpreter learns. After some turns of a loop it replaces
# an instruction by a version made for the types it has seen, with a cheap check in front. It is called the **specialising
# adaptive interpreter**. Our warm `dot_loop` shows its traces:

# %%
plain, warm = dis.get_instructions(dot_loop), dis.get_instructions(dot_loop, adaptive=True)
for before, after in zip(plain, warm, strict=True):
    if before.opname.startswith("BINARY"):
        print(f"{before.opname:<14} {before.argrepr:<3} became  {after.opname}")

# %% [markdown]
# The check remains, though, and so do the boxes: `BINARY_OP_MULTIPLY_FLOAT` still opens two, and makes a third for the
# result. The array needs neither. Its header gives the type once, so NumPy dispatches once a *call*, then runs a loop
# written for that type.

# %% [markdown]
# ## What remains when the interpreter is out of the way?
#
# The built-in `sum` is a neat probe: its loop is compiled C, as NumPy's is, yet it reads boxes from a list, as ours did.
# Three ways to add up the kilometres, and each sheds one burden:


# %%
def add_up(values):
    total = 0.0
    for value in values:
        total += value
    return total


adding = compare(
    {
        "a for loop over the list": lambda: add_up(kilometres_list),
        "sum(list)": lambda: sum(kilometres_list),
        "array.sum()": lambda: kilometres.sum(),
    },
    baseline="array.sum()",
)
per_value = bytecodes_executed(add_up, kilometres_list[:2_000]) - bytecodes_executed(
    add_up, kilometres_list[:1_000]
)
pd.DataFrame(
    {
        "ns per addition": [
            adding.seconds(name).value / len(kilometres) * 1e9 for name in adding.samples
        ],
        "bytecodes per value": [per_value / 1_000, 0, 0],
        "boxes opened per value": [2, 1, 0],
        "boxes made per value": [1, 0, 0],
    },
    index=list(adding.samples),
).round(2)

# %% [markdown]
# Read the table from the top. From the first row to the second, the bytecodes go, and with them a new box for every
# intermediate total. From the second to the third, the last boxes go: no pointer to follow, no type to check, and several
# additions may share one instruction of the processor. Both steps are worth taking. Neither is the whole story, because
# this list was kind to us: its boxes lie in memory in the order in which we read them.

# %% [markdown]
# ## Does it matter where the boxes lie?
#
# Below, one list of floats, made in order, and a second list of *the very same objects*, shuffled. Not one box is new; only
# the pointers changed places.

# %%
import random

boxes = np.random.default_rng(3).random(size["boxes"]).tolist()
shuffled = boxes.copy()
random.Random(3).shuffle(shuffled)

# %%
import matplotlib.pyplot as plt

from scaleml_course.measure import figure

positions = np.linspace(0, len(boxes) - 1, 1_200).astype(int)
# Boxes lie in some mebibytes of the address space and not in others: number those that hold any.
stretches = sorted({id(values[i]) >> 20 for values in (boxes, shuffled) for i in positions})
rank = {stretch: n for n, stretch in enumerate(stretches)}


def place(value):
    return rank[id(value) >> 20] + id(value) % 2**20 / 2**20


fig, ax = plt.subplots()
ax.plot(
    positions / 1e6,
    [place(boxes[i]) for i in positions],
    "o",
    ms=3,
    zorder=3,
    label="list, in order of making",
)
ax.plot(
    positions / 1e6, [place(shuffled[i]) for i in positions], "s", ms=1.5, label="list, shuffled"
)
ax.plot(
    positions / 1e6, positions * 8 / 2**20, "-", color="black", label="ndarray (from its own start)"
)
ax.set(
    xlabel="position in the list or array (millions)",
    ylabel="where the value lies\n(MiB, empty stretches left out)",
)
fig.legend(loc="outside upper left", ncols=3, markerscale=2, handletextpad=0.3, columnspacing=1.2)
figure(
    fig,
    alt="A map of memory: neighbours in the array and in the ordered list are neighbours in memory, the array's in less "
    "space, while the shuffled list jumps over the whole range from each value to the next.",
)

# %% [markdown]
# Each dot is one value, of a sample. The ordered list runs through memory in long unbroken stretches (the allocator asks the system for a
# megabyte or so at a time, and may be given the next one below the last). The shuffled list is a cloud: from one value to the
# next, it may have to go anywhere.

# %%
guess = predict(
    "03.shuffled_over_ordered",
    "Same objects, same sum(): how many times as long does the shuffled list take?",
    unit="times",
    default=1,
    my_guess=None,
)


# %%
def time_both_orders(in_order):
    mixed = in_order.copy()
    random.Random(3).shuffle(mixed)
    return compare({"in order": lambda: sum(in_order), "shuffled": lambda: sum(mixed)}, rounds=5)


lengths = [
    n
    for n in (10**3, 10**4, 10**5, 3 * 10**5, 10**6, 2 * 10**6, 4 * 10**6, 16 * 10**6)
    if n <= len(boxes)
]
order_costs = {n: time_both_orders(boxes[:n]) for n in lengths}
largest = order_costs[lengths[-1]].ratio("shuffled", "in order")
guess.compare(largest.value)
claim(
    "03.shuffled_boxes",
    "With {n:,} boxes, the shuffled list takes {value:.1f} times as long to add up (from {low:.1f} to {high:.1f}).",
    largest,
    at_least=1.3,
    unit="times",
    n=lengths[-1],
)

# %%
ns_per_addition = {
    name: [order_costs[n].seconds(name).value / n * 1e9 for n in lengths]
    for name in ("in order", "shuffled")
}
fig, ax = plt.subplots()
for name in ns_per_addition:
    ax.plot(lengths, ns_per_addition[name], label=name)
ax.set(xscale="log", ylim=(0, None), xlabel="floats in the list", ylabel="ns per addition")
ax.legend()
figure(
    fig,
    alt=f"From {lengths[0]:,} to {lengths[-1]:,} floats, an addition goes from {ns_per_addition['in order'][0]:.1f} to "
    f"{ns_per_addition['in order'][-1]:.1f} ns in order, but from {ns_per_addition['shuffled'][0]:.1f} to "
    f"{ns_per_addition['shuffled'][-1]:.1f} ns in the shuffled list.",
)
del boxes, shuffled

# %% [markdown]
# The instructions are the same. What differs is the wait for memory. A short list fits in the processor's **cache**, where any
# order is good. A long one does not, and then each pointer leads to a place that nobody could foresee: the processor must
# fetch the box before it can learn anything, hence the name **pointer chasing**. Read in order, the processor sees the
# pattern and fetches ahead.
#
# Real programs shuffle their boxes all the time: sort a list, filter it, let it live for an hour while other objects come and go.

# %% [markdown]
# ## Does an array always walk through memory at full speed?
#
# Memory does not travel in bytes. It travels in **cache lines**, 64 bytes on most processors: ask for one float64, and its seven
# neighbours come along. Let us waste them on purpose, and add up every element, every 2nd, every 4th. `array[::k]` copies
# nothing: it is the same buffer with a larger **stride**, the number of bytes from one element to the next.

# %%
steps = [1, 2, 4, 8, 16, 32]


def time_strides(buffer):
    return compare({str(k): lambda k=k: buffer[::k].sum() for k in steps}, rounds=5)


strided = time_strides(np.ones(size["buffer"]))
ns_per_element = [strided.seconds(str(k)).value / (size["buffer"] / k) * 1e9 for k in steps]

# %%
fig, ax = plt.subplots()
ax.plot([8 * k for k in steps], ns_per_element)
ax.axvline(64, color="grey", ls="--", marker="", zorder=0)
ax.annotate(
    "one element\nper cache line",
    (64, ns_per_element[0]),
    xytext=(-6, 0),
    textcoords="offset points",
    ha="right",
)
ax.set(xscale="log", xticks=[8 * k for k in steps], ylim=(0, None))
ax.set(xticklabels=[8 * k for k in steps], xlabel="stride (bytes)", ylabel="ns per element added")
ax.minorticks_off()
figure(
    fig,
    alt=f"Time per element rises with the stride, from {ns_per_element[0]:.2f} ns at 8 bytes to "
    f"{ns_per_element[3]:.2f} ns at 64 bytes, {ns_per_element[4]:.2f} ns at 128 and {ns_per_element[5]:.2f} ns at 256.",
)

# %%
whole_line = strided.ratio("8", "1")
claim(
    "03.stride",
    "At a stride of 64 bytes an eighth of the elements is added, and each costs {value:.0f} times as much: "
    "the sum as a whole takes {whole:.2f} times as long as the sum over all elements.",
    8 * whole_line.value,
    at_least=1.5,
    unit="times",
    whole=whole_line.value,
)

# %% [markdown]
# With 64 bytes between elements, every element needs a cache line to itself, and seven eighths of what travels is thrown
# away. Past that the rise soon ends: a whole line for each element is as bad as it gets, or two lines where the processor
# fetches them in pairs. If the whole sum took longer than the sum over all elements, skipping did worse than nothing: the
# processor's fetching ahead and NumPy's inner loop are both at their best on an unbroken run.
#
# A column of a table in row order is such a strided walk. It is one reason why pandas, Arrow and Parquet keep each *column*
# together, and why the order of two nested loops can matter more than their language.

# %% [markdown]
# ## Where on the ladder does your code stand?
#
# Back to the parcel-kilometres, now with every idea in hand. Seven ways to write one sum:

# %%
from operator import mul

rungs = {
    "loop over arrays": lambda: dot_loop(parcels, kilometres),
    "np.vectorize, then sum": lambda: np.vectorize(mul)(parcels, kilometres).sum(),
    "loop over lists": lambda: dot_loop(parcels_list, kilometres_list),
    "sum(generator)": lambda: sum(
        a * b for a, b in zip(parcels_list, kilometres_list, strict=True)
    ),
    "sum(map(mul, ...))": lambda: sum(map(mul, parcels_list, kilometres_list)),
    "(a * b).sum()": lambda: (parcels * kilometres).sum(),
    "np.dot": lambda: np.dot(parcels, kilometres),
}
ladder = compare(rungs, baseline="np.dot", rounds=5)
ns_per_pair = {name: ladder.seconds(name).value / len(parcels) * 1e9 for name in rungs}
claim(
    "03.ladder",
    "From the loop over lists to np.dot, the same sum becomes {value:.0f} times as fast. The loop over arrays is the slower "
    "loop: {arrays:.1f} times the time of the loop over lists.",
    ladder.ratio("loop over lists", "np.dot"),
    at_least=10,
    unit="times",
    arrays=ladder.ratio("loop over arrays", "loop over lists").value,
)

# %%
fig, ax = plt.subplots()
for row, (name, ns) in enumerate(ns_per_pair.items()):
    in_buffers = name in ("(a * b).sum()", "np.dot")
    ax.plot(ns, row, "s" if in_buffers else "o", ms=9, color="#0072B2" if in_buffers else "#D55E00")
    ax.annotate(f"{ns:.3g} ns", (ns, row), xytext=(9, 0), textcoords="offset points", va="center")
ax.set(
    xscale="log",
    xlabel="ns per pair of values (log scale)",
    yticks=range(len(rungs)),
    yticklabels=list(rungs),
)
ax.set_xlim(min(ns_per_pair.values()) / 2, max(ns_per_pair.values()) * 6)
ax.invert_yaxis()
ax.text(
    0.98,
    0.08,
    "circles: every value is boxed\nsquares: values stay in buffers",
    transform=ax.transAxes,
    ha="right",
)
figure(
    fig,
    alt="Time per pair of values: "
    + ", ".join(f"{name} {ns:.3g} ns" for name, ns in ns_per_pair.items())
    + ". The two that stay in buffers are far ahead of all that box every value.",
)

# %% [markdown]
# Two rungs deserve a second look.
#
# * **The loop over arrays** is the most common way to write slow NumPy. The array has no boxes, so each `a[i]` must *make* one,
#   a NumPy scalar, which is thrown away at once. `np.vectorize` hides the same loop behind a fast-sounding name.
# * **`(a * b).sum()`** pays for a *temporary*: the products are written to a new array, then read back. `np.dot` never
#   writes them. Lesson 05 makes a science of this difference.

# %% [markdown]
# ## What did the array give up?
#
# One type for all, of a fixed width. A Python integer grows when it must. A buffer cannot, and says nothing:

# %% tags=["strict"]
crates = np.array([200], dtype="int16")
print("Python:", 200 * 200)
print("int16 :", (crates * crates)[0])
print("wider :", (crates.astype("int64") * crates)[0])

# %% [markdown]
# This is **overflow**: the result is taken modulo $2^{16}$. Sums and products of narrow columns (`n_parcels` in our table is an
# int16) are the place to look for it. Widen first, then compute. The exercise will try you on this.

# %% [markdown]
# ## When this is slower
#
# An array earns its speed per value and charges a fee per *call*: check the arguments, pick the loop for the dtype, make the
# result. And an array must exist first. Three sums, from one value to thousands:


# %%
def time_sums(n):
    values = kilometres[:n].copy()
    as_list = values.tolist()
    return compare(
        {
            "sum(list)": lambda: sum(as_list),
            "array.sum()": lambda: values.sum(),
            "np.sum(list)": lambda: np.sum(as_list),
        },
        min_sample_seconds=0.004,
    )


short_lengths = [2**k for k in range(13)]
short = {n: time_sums(n) for n in short_lengths}
wins = [n for n in short_lengths if short[n].ratio("array.sum()", "sum(list)").value < 1]
crossover = wins[0] if wins else short_lengths[-1]

# %%
fig, ax = plt.subplots()
for name in ("np.sum(list)", "array.sum()", "sum(list)"):
    ax.plot(
        short_lengths, [short[n].seconds(name).value * 1e6 for n in short_lengths], label=name, ms=5
    )
ax.axvline(crossover, color="grey", ls="--", marker="")
ax.annotate(
    f"array first wins\nat {crossover} values",
    (crossover, 0.1),
    xytext=(6, 0),
    textcoords="offset points",
)
ax.set(xscale="log", yscale="log", xlabel="values to add", ylabel="microseconds per call")
ax.legend()
figure(
    fig,
    alt=f"The sum of a list is fastest for short inputs; the array's own sum, almost flat, overtakes it at {crossover} values; "
    "np.sum given a list is slower than sum(list) at every length.",
)

# %%
claim(
    "03.tiny_arrays",
    "For 8 values, array.sum() takes {value:.1f} times as long as sum(list). The array first wins at {crossover} values here.",
    short[8].ratio("array.sum()", "sum(list)"),
    at_least=1.5,
    unit="times",
    crossover=crossover,
)
claim(
    "03.crossing_the_border",
    "And handed a list of {n:,} values, np.sum takes {value:.1f} times as long as sum(list): every box is opened to fill an "
    "array that is used once.",
    short[short_lengths[-1]].ratio("np.sum(list)", "sum(list)"),
    at_least=1.3,
    unit="times",
    n=short_lengths[-1],
)

# %% [markdown]
# Two rules follow. Do not call NumPy once per row: the fee eats the gain. And cross the border between boxes and buffers once,
# at the start: data that is born in an array (read from Parquet, from a sensor, from a generator) should stay there.

# %% [markdown]
# ## Then why is Python so popular for numbers?
#
# Because in a program that keeps to those two rules, hardly any Python runs. Here is scikit-learn learning which trips will be
# late, by five passes over the rows, one row after the other. We count the bytecodes of `fit` for a thousand rows, then for many more.

# %%
from sklearn.linear_model import SGDClassifier

from scaleml_course.data import LABEL, numeric_features

trip_table = trips(size["fit_rows"], seed=3)
X = np.ascontiguousarray(numeric_features(trip_table).to_numpy())
y = trip_table[LABEL].to_numpy()


def fit(n_rows):
    SGDClassifier(max_iter=5, tol=None, random_state=3).fit(X[:n_rows], y[:n_rows])


fit(1_000)  # once unmeasured: a first call also imports and fills caches
few, many = bytecodes_executed(fit, 1_000), bytecodes_executed(fit, len(X))
fits = compare({"few rows": lambda: fit(1_000), "many rows": lambda: fit(len(X))}, rounds=5)
claim(
    "03.glue",
    "With {rows:.0f} times as many rows, fit takes {time:.1f} times as long and executes {value:.2f} times as many bytecodes: "
    "{few:,} for a thousand rows, {many:,} for {n:,}.",
    many / few,
    at_most=1.5,
    unit="times",
    rows=len(X) / 1_000,
    time=fits.ratio("many rows", "few rows").value,
    few=few,
    many=many,
    n=len(X),
)

# %% [markdown]
# The loop over the rows runs in compiled code. Python checks the arguments, prepares the labels, calls the solver and packs the
# result: work that does not grow with the data. A language for that part should be quick to *write*, and able to hold together
# libraries written in C, C++, Fortran, Rust and CUDA that never heard of each other. What they share is the very thing this lesson is
# about: a contiguous buffer with a type, a shape and strides, handed from one to the next without a copy. Boxes make Python
# pleasant. Buffers make it fast. Talk [S] starts its climb here, and so do we.

# %% [markdown]
# ## Recap
#
# * A Python value is **boxed**: type, reference count and length travel with it, and a list holds only pointers to the boxes.
#   Here is the ground under lesson 01's rule that a data frame wants several times its size in RAM: columns of Python objects
#   are lists in disguise.
# * The interpreter executes many **bytecodes** per turn and **dispatches** each operation on the types it meets. An array
#   dispatches once a call.
# * Memory comes in **cache lines**. Contiguous buffers use all of each line; scattered boxes and large strides waste most of it.
# * Array calls have a fee, and the border between boxes and buffers a toll. Short inputs and one-off conversions are better left to
#   lists.
#
# Ahead: all this time one core did the work. Lesson 04 asks what happens when Python wants several at once, and meets the lock that
# the reference counts of this lesson made necessary. Lesson 05 compiles the loop itself.

# %% [markdown] tags=["quiz"]
# ## Quiz
# **1. `sys.getsizeof(values)` says 8 MB for a list of a million different large integers. How much memory do list and integers take together?**
# - [ ] 8 MB: getsizeof has counted everything :: getsizeof stops at the list, whose content is pointers. The boxes they point to lie elsewhere and are not counted.
# - [ ] 12 MB: 8 for the pointers and 4 for each number's digits :: The digits are 4 bytes, but they never travel alone: reference count, type and length make each box 28 bytes, in a block of 32.
# - [x] About 40 MB: each pointer leads to a box of its own :: 8 bytes of pointer and a block of 32 for the box: the measurement in this lesson found the same.
# - [ ] 8 MB, because equal integers are shared :: Only the integers from -5 to 256 are shared in this way. Large ones are made anew, and here they are all different.
#
# **2. You have `x = np.array(...)` with a million floats and write `for v in x: total += v`. Compared with the same loop over `x.tolist()`, made beforehand, it is**
# - [ ] faster, because arrays are fast :: The loop is still interpreted. The array is fast when the loop runs inside NumPy, and this one runs outside.
# - [x] slower, because each element must be boxed when it leaves the array :: The list's boxes exist already. The array has none, so every turn makes a NumPy scalar and throws it away.
# - [ ] equally fast, because the bytecodes are the same :: The bytecodes are the same, but what they do depends on the objects: that is what dispatch means.
#
# **3. The same million floats are summed from two lists that differ only in order. Why can one take several times as long?**
# - [ ] The shuffled list takes more memory :: Both hold as many pointers, to the same objects. No box is added.
# - [ ] Adding floats in another order is harder arithmetic :: An addition costs the same whatever the order. (The result may differ in its last digits, which is another story.)
# - [ ] The shuffled list executes more bytecodes :: `sum` runs in compiled code: no bytecodes per element in either case.
# - [x] Each pointer leads to an unforeseeable place, so the processor waits for memory :: In order, the next boxes are on the way before they are needed. Shuffled, nearly every box is a cache miss.
#
# **4. A float64 array is larger than every cache. Adding up every 8th element takes, compared with adding up all of them,**
# - [ ] an eighth of the time: an eighth of the additions :: It would, were additions the bottleneck. Memory is, and it delivers whole cache lines.
# - [x] by no means an eighth: every cache line must still be fetched :: 8 elements of 8 bytes fill a line of 64. Every line holds one wanted element, so all of them travel.
# - [ ] no time worth mentioning: `x[::8]` copies nothing :: Making the view is free. Reading what it shows is not.
#
# **5. A service scores requests one at a time, each with five numbers. Someone turns every request into arrays "because NumPy is faster". What do you expect?**
# - [ ] Faster, by about the factor of this lesson's ladder :: That factor was earned over a great many values in one call. With five, the call's own cost decides.
# - [x] Slower, until requests are handled in batches :: Conversion and a fee per call for five values are more than the loop costs. Collect the requests and the arrays win.
# - [ ] No difference, because five values are few :: Few values are exactly where the fixed cost of a call shows.

# %% [markdown]
# ## Exercise
#
# A dispatcher's code, all loops, assigns trips to depots. You will rewrite it without the loops, keep it right for empty,
# narrow and 32-bit data, bring it within a stated factor of the NumPy form, and predict what a strided walk must fetch from memory.
#
# [Exercise 03](../grader/release/03_why_python_is_slow/03_why_python_is_slow.ipynb)

# %% [markdown]
# ## Further reading
#
# * Talk **[S]**, "Scaling Machine Learning": this lesson is its opening, measured.
# * G. Barany, [Python interpreter performance deconstructed](https://doi.org/10.1145/2617548.2617552), Dyla '14: how much each
#   feature of the language costs, found by switching them off one at a time. Boxing comes out on top for numeric code.
# * M. Shannon, [PEP 659: Specializing Adaptive Interpreter](https://peps.python.org/pep-0659/), 2021: how instructions learn their types.
# * The Python documentation of [dis](https://docs.python.org/3.11/library/dis.html), with every bytecode of this version explained.
# * U. Drepper, [What every programmer should know about memory](https://people.freebsd.org/~lstewart/articles/cpumemory.pdf), 2007:
#   caches, lines and prefetching, with the experiments behind our stride figure.
# * C. R. Harris et al., [Array programming with NumPy](https://doi.org/10.1038/s41586-020-2649-2), *Nature* 585, 2020.
# * S. van der Walt, S. C. Colbert and G. Varoquaux, [The NumPy array: a structure for efficient numerical
#   computation](https://doi.org/10.1109/MCSE.2011.37), *Computing in Science & Engineering* 13(2), 2011: buffers, dtypes and strides by the people who build on them.
