# ---
# why: believes that np.vectorize vectorises
# fails: [distances_empty, distances_fast]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    def one(i, j):
        d = points[i].astype(float) - centres[j].astype(float)
        return float((weights * d * d).sum())

    i, j = np.indices((len(points), len(centres)))
    return np.vectorize(one)(i, j)
