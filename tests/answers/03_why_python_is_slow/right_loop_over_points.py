# ---
# why: one Python loop, over the points, and a plain list of whole numbers for the rows
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    centres, weights = centres.astype("f8"), weights.astype("f8")
    rows = [np.square(centres - point) @ weights for point in points.astype("f8")]
    return np.array(rows).reshape(len(points), len(centres))


# %% solution="nearest"
def nearest(points, centres, weights):
    return [int(row.argmin()) for row in squared_distances(points, centres, weights)]


# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    return int(np.unique(np.arange(n) * stride // 64).size)
