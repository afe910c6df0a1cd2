# ---
# why: the plain broadcasting form, with a temporary for each step; the rows by argmin, the lines by cases
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    difference = points[:, None].astype(float) - centres[None].astype(float)
    return (weights.astype(float) * difference**2).sum(axis=2)


# %% solution="nearest"
def nearest(points, centres, weights):
    return np.argmin(squared_distances(points, centres, weights), axis=1)


# %% solution="cache_lines"
def cache_lines(n, itemsize, stride):
    last_byte = n * itemsize if stride == itemsize else (n - 1) * stride + itemsize
    if n == 0:
        return 0
    return min(n, -(-last_byte // 64))
