# ---
# why: the loops as they were given, under the new name
# fails: [distances_fast]
# ---
# %% solution="squared_distances"
def squared_distances(points, centres, weights):
    distances = np.zeros((len(points), len(centres)))
    for i in range(len(points)):
        for j in range(len(centres)):
            for k in range(len(weights)):
                difference = float(points[i, k]) - float(centres[j, k])
                distances[i, j] += float(weights[k]) * difference * difference
    return distances
