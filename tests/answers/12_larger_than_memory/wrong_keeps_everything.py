# ---
# why: "collects all blocks in a list, in parts 1 and 3: right answers, but the memory of the whole table"
# fails: [moments_capped, train_capped]
# ---
# %% solution="stream_mean_std"
def stream_mean_std(blocks):
    rows = np.concatenate([block for block in blocks]).astype("float64")
    return rows.mean(axis=0), rows.std(axis=0)


# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    pairs = list(make_blocks())
    readings = np.concatenate([x for x, _ in pairs])
    late = np.concatenate([y for _, y in pairs])
    mean, std = readings.mean(axis=0), readings.std(axis=0)
    model = SGDClassifier(loss="log_loss", average=True, random_state=0).fit((readings - mean) / std, late)
    coefficients = model.coef_[0] / std
    return coefficients, float(model.intercept_[0] - coefficients @ mean)
