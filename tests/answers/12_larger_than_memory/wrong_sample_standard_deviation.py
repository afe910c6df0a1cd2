# ---
# why: divides by n - 1, where division by n was asked for; on long tables nobody would notice
# fails: [moments_small]
# ---
# %% solution="stream_mean_std"
def stream_mean_std(blocks):
    count, mean, squares = 0, 0.0, 0.0
    for block in blocks:
        if len(block) == 0:
            continue
        rows = np.asarray(block, dtype="float64")
        n, block_mean = len(rows), rows.mean(axis=0)
        step = block_mean - mean
        mean = mean + step * n / (count + n)
        squares = squares + ((rows - block_mean) ** 2).sum(axis=0) + step**2 * (count * n / (count + n))
        count += n
    return mean, np.sqrt(squares / (count - 1))
