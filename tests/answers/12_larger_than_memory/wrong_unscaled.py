# ---
# why: feeds the readings to gradient descent in their own units
# fails: [train_score]
# ---
# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    model = SGDClassifier(loss="log_loss", random_state=0)
    for readings, late in make_blocks():
        model.partial_fit(readings, late, classes=[0, 1])
    return model.coef_[0], float(model.intercept_[0])
