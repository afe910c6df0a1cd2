# ---
# why: one Python loop, over the centres, each turn doing a whole column in NumPy; the lines are collected in a set
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    points, centres, weights = np.float64(points), np.float64(centres), np.float64(weights)
    out = np.empty((len(points), len(centres)))
    for j, centre in enumerate(centres):
        out[:, j] = ((points - centre) ** 2) @ weights
    return out


# %% solution="nearest"
def nearest(points, centres, weights):
    best = np.full(len(points), np.inf)
    row = np.zeros(len(points), dtype=int)
    for j, column in enumerate(squared_distances(points, centres, weights).T):
        closer = column < best
        best[closer] = column[closer]
        row[closer] = j
    return row


# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    return len({start // 64 for start in range(0, n * stride, stride)})
