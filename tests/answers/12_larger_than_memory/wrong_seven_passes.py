# ---
# why: makes one pass for the scale and six for the training
# fails: [train_capped]
# ---
# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    mean, std = stream_mean_std(readings for readings, _ in make_blocks())
    model = SGDClassifier(loss="log_loss", average=True, random_state=0)
    for _ in range(6):
        for readings, late in make_blocks():
            model.partial_fit((readings - mean) / std, late, classes=[0, 1])
    coefficients = model.coef_[0] / std
    return coefficients, float(model.intercept_[0] - coefficients @ mean)
