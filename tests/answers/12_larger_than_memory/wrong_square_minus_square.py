# ---
# why: mean of squares minus square of the mean, which has no digits left far from zero
# fails: [moments_far_from_zero]
# ---
# %% solution="stream_mean_std"
def stream_mean_std(blocks):
    n, total, squares = 0, 0.0, 0.0
    for block in blocks:
        rows = np.asarray(block, dtype="float64")
        n += len(rows)
        total = total + rows.sum(axis=0)
        squares = squares + (rows**2).sum(axis=0)
    mean = total / n
    return mean, np.sqrt(np.maximum(squares / n - mean**2, 1e-12))


# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    for readings, _ in make_blocks():
        scaler.partial_fit(readings)
    model = SGDClassifier(loss="log_loss", average=True, random_state=1)
    for readings, late in make_blocks():
        model.partial_fit(scaler.transform(readings), late, classes=[0, 1])
    coefficients = model.coef_[0] / scaler.scale_
    return coefficients, float(model.intercept_[0] - coefficients @ scaler.mean_)
