# ---
# why: lets scikit-learn's StandardScaler and its partial_fit do the one-pass moments, in both parts
# ---
# %% solution="stream_mean_std"
from sklearn.preprocessing import StandardScaler


def stream_mean_std(blocks):
    scaler = StandardScaler()
    for block in blocks:
        if len(block):
            scaler.partial_fit(np.asarray(block, dtype="float64"))
    return scaler.mean_, np.sqrt(scaler.var_)


# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    scaler = StandardScaler()
    for readings, _ in make_blocks():
        scaler.partial_fit(readings)
    model = SGDClassifier(loss="log_loss", average=True, random_state=1)
    for _ in range(2):
        for readings, late in make_blocks():
            model.partial_fit(scaler.transform(readings), late, classes=np.array([0, 1]))
    coefficients = model.coef_[0] / scaler.scale_
    return coefficients, model.intercept_[0] - np.dot(coefficients, scaler.mean_)
