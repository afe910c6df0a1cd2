# ---
# why: knows that SciPy has this function, weights and all
# ---
# %% solution="squared_distances"
from scipy.spatial.distance import cdist


def squared_distances(points, centres, weights):
    return cdist(points.astype(float), centres.astype(float), metric="sqeuclidean", w=weights.astype(float))


# %% solution="nearest"
def nearest(points, centres, weights):
    distances = squared_distances(points, centres, weights)
    return (distances == distances.min(axis=1, keepdims=True)).argmax(axis=1)
