# ---
# why: loops over the few features, adding one n by m plane at a time, and keeps temporaries small
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    total = np.zeros((len(points), len(centres)))
    for p, c, w in zip(points.T, centres.T, weights):
        plane = np.subtract.outer(p.astype(float), c.astype(float))
        plane *= plane
        plane *= float(w)
        total += plane
    return total
