# ---
# why: the square multiplied out, so that a matrix product does most of the work
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    p, c, w = [np.array(x, dtype=np.float64) for x in (points, centres, weights)]
    return (p * p @ w)[:, None] - 2 * (p * w) @ c.T + c * c @ w
