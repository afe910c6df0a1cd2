# ---
# why: averages the blocks' means and spreads as if all blocks were alike (and an empty block turns it into nan)
# fails: [moments_small, moments_far_from_zero]
# ---
# %% solution="stream_mean_std"
def stream_mean_std(blocks):
    means, stds = [], []
    for block in blocks:
        block = np.asarray(block, dtype="float64")
        means.append(block.mean(axis=0))
        stds.append(block.std(axis=0))
    return np.mean(means, axis=0), np.mean(stds, axis=0)
