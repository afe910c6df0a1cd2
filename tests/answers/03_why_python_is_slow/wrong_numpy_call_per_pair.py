# ---
# why: uses NumPy, but calls it once per pair, so the cost of a call is paid n times m times
# fails: [distances_fast]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    points, centres, weights = points.astype(float), centres.astype(float), weights.astype(float)
    result = np.empty((len(points), len(centres)))
    for i in range(len(points)):
        for j in range(len(centres)):
            result[i, j] = np.sum(weights * (points[i] - centres[j]) ** 2)
    return result
