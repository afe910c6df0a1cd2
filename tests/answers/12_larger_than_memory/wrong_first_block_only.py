# ---
# why: "takes the scale and the model from one block, \"a sample is enough\": the one with a single label"
# fails: [train_runs, train_capped, train_score]
# ---
# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    readings, late = next(make_blocks())
    mean, std = readings.mean(axis=0), readings.std(axis=0)
    model = SGDClassifier(loss="log_loss", random_state=0).fit((readings - mean) / std, late)
    coefficients = model.coef_[0] / std
    return coefficients, float(model.intercept_[0] - coefficients @ mean)
