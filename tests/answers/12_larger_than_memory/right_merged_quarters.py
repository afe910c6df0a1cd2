# ---
# why: merges quarters of blocks as pairs; rounds down with floor; gradient descent by hand with mini-batches
# ---
# %% solution="stream_mean_std"
def stream_mean_std(blocks):
    # pairs of accumulators, merged by halves: Chan's formula as a helper
    def merge(a, b):
        n = a[0] + b[0]
        delta = b[1] - a[1]
        return n, a[1] + delta * b[0] / n, a[2] + b[2] + delta**2 * a[0] * b[0] / n

    state = None
    for block in blocks:
        for part in np.array_split(np.asarray(block, dtype=np.float64), 4):
            if part.shape[0]:
                centre = part.mean(axis=0)
                piece = (part.shape[0], centre, np.square(part - centre).sum(axis=0))
                state = piece if state is None else merge(state, piece)
    return state[1], (state[2] / state[0]) ** 0.5


# %% solution="rows_per_block"
def rows_per_block(cap_bytes, library_bytes, row_bytes, copies, spill_fraction):
    from math import floor

    rows = floor((cap_bytes * spill_fraction - library_bytes) / (row_bytes * copies))
    if rows <= 0:
        raise ValueError("no row fits under the spill line")
    return rows


# %% solution="train_out_of_core"
def train_out_of_core(make_blocks):
    mean, std = stream_mean_std(readings for readings, _ in make_blocks())
    w, b, rate = np.zeros(len(mean)), 0.0, 0.5
    for _ in range(2):
        for readings, late in make_blocks():
            x = (readings - mean) / std
            for first in range(0, len(x), 200):
                batch, target = x[first : first + 200], late[first : first + 200]
                error = 1 / (1 + np.exp(-(batch @ w + b))) - target
                w -= rate * batch.T @ error / len(batch)
                b -= rate * error.mean()
        rate /= 4
    return w / std, b - float((w / std) @ mean)
