# ---
# why: whole-number arithmetic where it can; a linear SVM by SGD in place of logistic regression
# ---
# %% solution="rows_per_block"
def rows_per_block(cap_bytes, library_bytes, row_bytes, copies, spill_fraction):
    free = int(cap_bytes * spill_fraction) - library_bytes
    if free < row_bytes * copies:
        raise ValueError("not even one row fits")
    return free // (row_bytes * copies)


# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    mean, std = stream_mean_std(block for block, _ in make_blocks())
    svm = SGDClassifier(average=True, alpha=1e-4, random_state=5)
    for readings, late in make_blocks():
        readings -= mean
        readings /= std
        svm.partial_fit(readings, late, classes=[0, 1])
    coefficients = svm.coef_.ravel() / std
    return coefficients, float(svm.intercept_[0]) - float(coefficients @ mean)
