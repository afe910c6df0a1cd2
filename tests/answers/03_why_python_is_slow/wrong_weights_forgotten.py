# ---
# why: the ordinary distance, weights forgotten
# fails: [distances_small, distances_float32, distances_integers, nearest_rows]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    d = points[:, None].astype(float) - centres[None].astype(float)
    return (d * d).sum(axis=-1)
