# ---
# title: Out of the loops
# minutes: 40
# timeout_s: 60
# memory_mb: 800
# needs: []
# ---

# %% [markdown]
# # Exercise 03 · Out of the loops
#
# A dispatcher sorts trips into groups of a kind. Each group has a *centre*, a made-up average trip, and every trip goes
# to the nearest centre. (This is the inside of k-means, which you will scale out in lesson 12.) The code works, and it is all loops.
#
# You will
#
# 1. take the loops out of the distances, and keep them right for every dtype (7 points),
# 2. find the nearest centres with them (1 point),
# 3. predict what a strided walk must fetch from memory (2 points).
#
# Replace each `raise NotImplementedError()` by your answer. The tests under it tell you what they expect. Some more run
# when your work is graded: same promises, other numbers.

# %%
import numpy as np

from scaleml_course.data import numeric_features, trips
from scaleml_course.kernels import bytecodes_executed, deep_bytes


def squared_distances_loop(points, centres, weights):
    distances = np.zeros((len(points), len(centres)))
    for i in range(len(points)):
        for j in range(len(centres)):
            for k in range(len(weights)):
                difference = float(points[i, k]) - float(centres[j, k])
                distances[i, j] += float(weights[k]) * difference * difference
    return distances


# %%
some_trips = numeric_features(trips(40, seed=3)).to_numpy()
some_centres, weights = some_trips[:5], np.linspace(1, 2, some_trips.shape[1])
print(
    f"{some_trips.shape[0]} trips of {some_trips.shape[1]} numbers ({some_trips.dtype}), {len(some_centres)} centres"
)
print(
    "bytes as an array:",
    some_trips.nbytes,
    " as one list of floats:",
    deep_bytes(some_trips.ravel().tolist()),
)
print(
    "bytecodes of the loops:",
    bytecodes_executed(squared_distances_loop, some_trips, some_centres, weights),
)

# %% [markdown]
# ## 1. Distances without loops over pairs (7 points)
#
# Write `squared_distances(points, centres, weights)`:
#
# * `points` is an array of shape `(n, d)`, `centres` of shape `(m, d)`, `weights` of shape `(d,)`.
# * It returns a float64 array of shape `(n, m)`: in row *i* and column *j* stands the sum over *k* of
#   `weights[k] * (points[i, k] - centres[j, k])**2`.
# * The arrays may have **any** number type, narrow and unsigned integers among them, and `n` may be 0. The result is what
#   the loops above give: computed in float64, nothing lost, nothing wrapped.
# * It takes **at most 20 times as long as the NumPy form** of the model answer (300 points, 150 centres, 16 numbers each).
#   The loops take far longer than that. A loop over the centres *or* over the points alone is good enough. A loop
#   over pairs is not.


# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    ### BEGIN SOLUTION
    points, centres, weights = (
        np.asarray(values, dtype="float64") for values in (points, centres, weights)
    )
    differences = points[:, np.newaxis, :] - centres[np.newaxis, :, :]
    # One pass over the differences, without a second temporary for their squares.
    return np.einsum("ijk,ijk,k->ij", differences, differences, weights)
    ### END SOLUTION


# %% test="distances_small" points=1
import numpy as np

points, centres = (
    np.array([[0.0, 0.0], [3.0, -4.0], [-1.0, 2.0]]),
    np.array([[0.0, 0.0], [3.0, 4.0]]),
)
distances = squared_distances(points, centres, np.array([1.0, 1.0]))
assert np.shape(distances) == (3, 2), (
    f"3 points and 2 centres: expected shape (3, 2), got {np.shape(distances)}"
)
expected = np.array([[0.0, 25.0], [25.0, 64.0], [5.0, 20.0]])
assert np.allclose(distances, expected), (
    f"with weights 1 and 1, expected\n{expected}\ngot\n{distances}"
)
distances = squared_distances(points, centres, np.array([10.0, 0.5]))
expected = np.array([[0.0, 98.0], [98.0, 32.0], [12.0, 162.0]])
assert np.allclose(distances, expected), (
    f"with weights 10 and 0.5, expected\n{expected}\ngot\n{distances}"
)

### BEGIN HIDDEN TESTS
random = np.random.default_rng()
points, centres, weights = random.normal(size=(7, 5)), random.normal(size=(4, 5)), random.random(5)
distances = squared_distances(points, centres, weights)
for i in range(7):
    for j in range(4):
        expected = sum(
            w * (p - c) ** 2 for w, p, c in zip(weights, points[i], centres[j], strict=True)
        )
        assert np.isclose(distances[i, j], expected), (
            f"point {i}, centre {j}: expected {expected}, got {distances[i, j]}"
        )
### END HIDDEN TESTS

# %% test="distances_empty" points=1
import numpy as np

distances = squared_distances(np.empty((0, 3)), np.ones((4, 3)), np.ones(3))
assert np.shape(distances) == (0, 4), (
    f"no points and 4 centres: expected shape (0, 4), got {np.shape(distances)}"
)

### BEGIN HIDDEN TESTS
distances = squared_distances(np.empty((0, 3), dtype="int16"), np.ones((2, 3)), np.ones(3))
assert np.shape(distances) == (0, 2), (
    f"no points and 2 centres: expected shape (0, 2), got {np.shape(distances)}"
)
### END HIDDEN TESTS

# %% test="distances_float32" points=1
import numpy as np

points = np.array([[1.1, 2.2, 3.3]], dtype="float32")
centres = np.array([[0.1, -0.2, 0.3]], dtype="float32")
distance = squared_distances(points, centres, np.array([0.7, 0.8, 0.9], dtype="float32"))[0, 0]
expected = 13.407999746143833
assert abs(distance - expected) < 1e-10 * expected, (
    f"float32 in, float64 inside: expected {expected!r}, got {float(distance)!r}. Was a difference or a square rounded to float32?"
)

### BEGIN HIDDEN TESTS
random = np.random.default_rng()
points, centres = (random.normal(size=(n, 6)).astype("float32") for n in (3, 2))
weights = random.random(6).astype("float32")
distances = squared_distances(points, centres, weights)
for i in range(3):
    for j in range(2):
        expected = sum(
            float(w) * (float(p) - float(c)) ** 2
            for w, p, c in zip(weights, points[i], centres[j], strict=True)
        )
        assert abs(distances[i, j] - expected) < 1e-10 * expected, (
            f"float32 data: expected {expected!r}, got {distances[i, j]!r}"
        )
### END HIDDEN TESTS

# %% test="distances_integers" points=1
import numpy as np

distance = squared_distances(
    np.array([[1, 2]], "uint8"), np.array([[3, 1]], "uint8"), np.array([1, 1], "uint8")
)[0, 0]
assert distance == 5, (
    f"uint8 points (1, 2) and (3, 1): expected 4 + 1 = 5, got {distance}. An unsigned 1 - 3 wraps round."
)
distance = squared_distances(
    np.array([[300, 0]], "int16"), np.array([[0, 0]], "int16"), np.array([1, 1], "int16")
)[0, 0]
assert distance == 90_000, (
    f"int16 points (300, 0) and (0, 0): expected 90000, got {distance}. int16 ends at 32767."
)

### BEGIN HIDDEN TESTS
random = np.random.default_rng()
for dtype, top in (("uint8", 255), ("int8", 127), ("int16", 32_767), ("uint32", 4_000_000)):
    points, centres = (random.integers(0, top, size=(n, 4)).astype(dtype) for n in (5, 3))
    distances = squared_distances(points, centres, np.array([1, 2, 3, 4], dtype="uint8"))
    for i in range(5):
        for j in range(3):
            expected = sum(
                w * (p - c) ** 2
                for w, p, c in zip(
                    (1, 2, 3, 4), points[i].tolist(), centres[j].tolist(), strict=True
                )
            )
            assert np.isclose(distances[i, j], expected), (
                f"{dtype}: expected {expected}, got {distances[i, j]}"
            )
### END HIDDEN TESTS

# %% test="distances_fast" points=3
import numpy as np

from scaleml_course.measure import compare

random = np.random.default_rng(3)
points, centres, weights = (
    random.normal(size=(150, 16)),
    random.normal(size=(100, 16)),
    random.random(16),
)
times = compare(
    {
        "loops": lambda: squared_distances_loop(points, centres, weights),
        "yours": lambda: squared_distances(points, centres, weights),
    },
    rounds=3,
)
gain = times.ratio("loops", "yours").value
assert gain >= 4, (
    f"the loops should take several times as long as your function; here they take {gain:.1f} times as long"
)

### BEGIN HIDDEN TESTS
points, centres = random.normal(size=(300, 16)), random.normal(size=(150, 16))


def numpy_form():
    differences = points[:, np.newaxis, :] - centres[np.newaxis, :, :]
    return np.einsum("ijk,ijk,k->ij", differences, differences, weights)


times = compare(
    {"NumPy form": numpy_form, "yours": lambda: squared_distances(points, centres, weights)},
    rounds=5,
)
factor = times.ratio("yours", "NumPy form").value
assert factor <= 20, (
    f"your function takes {factor:.0f} times as long as the NumPy form; 20 times is allowed"
)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. The nearest centre (1 point)
#
# Write `nearest(points, centres, weights)`. It returns an array of `n` whole numbers: for every point, the row of `centres`
# with the smallest weighted squared distance. Where several are equally near, the first of them wins. You may use your
# `squared_distances`.


# %% solution="nearest"
def nearest(points, centres, weights):
    ### BEGIN SOLUTION
    return squared_distances(points, centres, weights).argmin(axis=1)
    ### END SOLUTION


# %% test="nearest_rows" points=1
import numpy as np

points, centres = (
    np.array([[0.0, 1.0], [9.0, 9.0], [5.0, 5.0]]),
    np.array([[0.0, 0.0], [10.0, 10.0]]),
)
rows = nearest(points, centres, np.array([1.0, 1.0]))
assert np.array_equal(rows, [0, 1, 0]), (
    f"expected rows [0, 1, 0] (the last point is equally near to both), got {rows}"
)
rows = nearest(np.array([[0.0, 9.0]]), centres, np.array([1.0, 0.1]))
assert np.array_equal(rows, [0]), (
    f"with weights 1 and 0.1 the first number decides: expected [0], got {rows}"
)

### BEGIN HIDDEN TESTS
random = np.random.default_rng()
# Small whole numbers, so that there are many ties.
points, centres = random.integers(-9, 10, size=(60, 2)), random.integers(-9, 10, size=(12, 2))
expected = [
    min(
        range(12),
        key=lambda j: (3 * (p[0] - centres[j, 0]) ** 2 + 2 * (p[1] - centres[j, 1]) ** 2, j),
    )
    for p in points
]
rows = nearest(points, centres, np.array([3, 2]))
assert np.array_equal(rows, expected), f"expected {expected}, got {rows}"
### END HIDDEN TESTS

# %% [markdown]
# ## 3. How many cache lines does a walk fetch? (2 points)
#
# Memory comes in lines of 64 bytes. An array begins at the start of a line, its elements take `itemsize` bytes
# each, and a walk reads `n` of them, from one start to the next `stride` bytes further on. The stride is a multiple of the itemsize,
# and the itemsize is 1, 2, 4 or 8, so no element straddles two lines.
#
# Write `cache_lines(n, itemsize, stride)`: how many different lines must be fetched? A whole number, and 0 if `n` is 0. For example,
# eight float64 in a row lie in one line, and the ninth opens a second.


# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    ### BEGIN SOLUTION
    if n == 0:
        return 0
    if stride >= 64:
        return n  # no two elements share a line
    return (n - 1) * stride // 64 + 1  # no line up to the last is skipped
    ### END SOLUTION


# %% test="lines_examples" points=1
for (n, itemsize, stride), expected, why in (
    ((8, 8, 8), 1, "eight float64 in a row fill one line"),
    ((9, 8, 8), 2, "the ninth float64 opens a second line"),
    ((1_000, 8, 64), 1_000, "at a stride of 64 bytes every element has a line to itself"),
    ((1_000, 4, 4), 63, "4000 bytes in a row end in the 63rd line"),
    (
        (1_000, 4, 72),
        1_000,
        "one column of a row-ordered table of 18 float32: the next element is 72 bytes on",
    ),
    ((5, 8, 128), 5, "a line between two elements that nobody asks for is not fetched"),
    ((0, 8, 8), 0, "nothing is read"),
):
    lines = cache_lines(n, itemsize, stride)
    assert lines == expected, (
        f"cache_lines({n}, {itemsize}, {stride}): {why}, so {expected}; got {lines}"
    )

# %% test="lines_any_walk" points=1
assert cache_lines(3, 8, 24) == 1, (
    f"starts at bytes 0, 24, 48: one line; got {cache_lines(3, 8, 24)}"
)
assert cache_lines(4, 8, 24) == 2, (
    f"starts at bytes 0, 24, 48, 72: two lines; got {cache_lines(4, 8, 24)}"
)

### BEGIN HIDDEN TESTS
import numpy as np

random = np.random.default_rng()
for _ in range(40):
    itemsize = int(2 ** random.integers(0, 4))
    stride, n = itemsize * int(random.integers(1, 40)), int(random.integers(1, 500))
    expected = len({i * stride // 64 for i in range(n)})
    lines = cache_lines(n, itemsize, stride)
    assert lines == expected, (
        f"cache_lines({n}, {itemsize}, {stride}): expected {expected}, got {lines}"
    )
### END HIDDEN TESTS
