# ---
# why: returns the coefficients of the scaled readings, though its user has readings in their own units
# fails: [train_score]
# ---
# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    mean, std = stream_mean_std(readings for readings, _ in make_blocks())
    model = SGDClassifier(loss="log_loss", random_state=0)
    for readings, late in make_blocks():
        model.partial_fit((readings - mean) / std, late, classes=[0, 1])
    return model.coef_[0], float(model.intercept_[0])
