# ---
# why: takes the root, a distance where a squared distance was asked for; the nearest stays the nearest
# fails: [distances_small, distances_float32, distances_integers]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    d = points[:, None].astype(float) - centres[None].astype(float)
    return np.sqrt((d * d * weights).sum(axis=-1))
