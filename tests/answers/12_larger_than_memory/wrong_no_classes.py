# ---
# why: does not name the classes, and the first block holds one label only
# fails: [train_runs, train_capped, train_score]
# ---
# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    mean, std = stream_mean_std(readings for readings, _ in make_blocks())
    model = SGDClassifier(loss="log_loss", random_state=0)
    for readings, late in make_blocks():
        model.partial_fit((readings - mean) / std, late, classes=np.unique(late))
    coefficients = model.coef_[0] / std
    return coefficients, float(model.intercept_[0] - coefficients @ mean)
