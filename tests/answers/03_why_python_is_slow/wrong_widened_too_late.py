# ---
# why: converts to float64 after the subtraction, when the unsigned difference has already wrapped
# fails: [distances_float32, distances_integers]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    difference = (points[:, None, :] - centres[None, :, :]).astype("float64")
    return (difference**2) @ weights.astype("float64")
