# ---
# why: right for float64 only; differences and squares are made in the type of the data, where integers wrap
# fails: [distances_float32, distances_integers]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    difference = points[:, None, :] - centres[None, :, :]
    return (weights * difference**2).sum(axis=-1)
