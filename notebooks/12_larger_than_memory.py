# ---
# title: Larger than memory
# minutes: 45
# seconds: {quick: 45, laptop: 90}
# timeout_s: 600
# memory_mb: 2500
# cores: 2
# disk_mb: 500
# needs: []
# objectives:
#   - Recognise, before you run it, a computation that does not fit its memory
#   - Rewrite an answer over a table as sums over blocks, and check its peak memory against a cap
#   - Train with `partial_fit` and `Incremental`, and tell which estimators can and which cannot
#   - Count the passes over the data and the tasks that an algorithm costs on Dask
#   - Decide when a distributed k-means or XGBoost is worth its overhead
# ---

# %% [markdown]
# # 12 · Larger than memory
#
# The firm from lesson 03 has a linear model of late deliveries, and it is mediocre. A driver tells us why: rain by itself
# is harmless, and so is the evening rush. Rain *in* the rush is not. A linear model cannot see that two causes meet,
# unless somebody gives it a column for the pair. So we shall give it a column for every pair.
#
# That idea is good for the score and terrible for the memory. This lesson keeps one question in view: **how do you learn
# from a matrix that no process on the machine is allowed to hold?**

# %% tags=["parameters"]
tier = "quick"

# %%
import numpy as np

from scaleml_course.measure import hardware

size = {
    "quick": {
        "blocks": 128,
        "curve_blocks": 8,
        "glm_blocks": 8,
        "xgb_blocks": 16,
        "kmeans_blocks": 50,
    },
    "laptop": {
        "blocks": 200,
        "curve_blocks": 16,
        "glm_blocks": 16,
        "xgb_blocks": 32,
        "kmeans_blocks": 500,
    },
    "cluster": {
        "blocks": 8_000,
        "curve_blocks": 100,
        "glm_blocks": 400,
        "xgb_blocks": 1_000,
        "kmeans_blocks": 500,
    },
}[tier]
MB = 1_000_000
CAP = 700 * MB  # what one worker process may use, whatever the size of this machine
ROWS = 16_384  # in one block
n_rows = size["blocks"] * ROWS
print(f"{n_rows:,} trips; each worker may use {CAP / MB:.0f} MB")
print(hardware().stamp())

# %% [markdown]
# ## How large is the matrix we want?
#
# One block of trips first. `numeric_features` turns each trip into 18 numbers, and `product_columns` appends the product of
# every pair of them.

# %%
from scaleml_course.data import numeric_features, trips


def product_columns(columns):
    n, d = columns.shape
    wide = np.empty((n, d + d * (d - 1) // 2), dtype=columns.dtype)
    wide[:, :d] = columns
    filled = d
    for j in range(d - 1):
        end = filled + d - 1 - j
        np.multiply(columns[:, j : j + 1], columns[:, j + 1 :], out=wide[:, filled:end])
        filled = end
    return wide


table = trips(ROWS)
features = np.ascontiguousarray(numeric_features(table).to_numpy())
wide = product_columns(features)
print("table   ", table.shape, f"{table.memory_usage(deep=True).sum() / ROWS:6.0f} bytes a row")
print("features", features.shape, f"{features.nbytes / ROWS:6.0f} bytes a row,", features.dtype)
print("products", wide.shape, f"{wide.nbytes / ROWS:6.0f} bytes a row,", wide.dtype)

# %% [markdown]
# A computation dies at its largest moment, not at its average one. Before you ask for all the rows: how large is the
# matrix of products for all of them?

# %%
from scaleml_course.measure import predict

guess = predict(
    "12.matrix_megabytes",
    f"How many MB does the matrix of products take for all {n_rows:,} trips?",
    unit="MB",
    default=600,
    my_guess=None,
)

# %%
matrix_bytes = wide.nbytes * size["blocks"]
guess.compare(matrix_bytes / MB)

# %% [markdown]
# ## What happens if we ask for all of it?
#
# We want something modest: the mean of each column. `peak_memory` gives the function a process of its own, and lets it
# add no more than the cap. (A generous reading: a Dask worker's cap counts the imported libraries too.)


# %%
from scaleml_course.measure import claim, peak_memory


def all_at_once(n_rows):
    features = np.ascontiguousarray(numeric_features(trips(n_rows)).to_numpy())
    return product_columns(features).mean(axis=0, dtype="float64")


died = peak_memory(all_at_once, n_rows, limit_bytes=CAP)
print("status:", died.status)
print("error :", died.error)
assert died.status == "out_of_memory"

# %%
claim(
    "12.too_large",
    "The matrix is {value:.1f} times what one worker may use, and the process that asked for all of it was refused.",
    matrix_bytes / CAP,
    at_least=1.5,
    unit="times",
)

# %% [markdown]
# An exception is the friendly ending: we set the limit with the operating system's `RLIMIT_DATA`, which refuses the
# allocation. In a container with a memory limit, or on a full machine, nobody refuses. The kernel's out-of-memory killer
# ends the process later, without a traceback, and often without a log line that you are allowed to read.

# %% [markdown]
# ## Does the answer need all the rows at once?
#
# A mean is a sum and a count. Sums of blocks add up to the sum of the whole, so one block at a time will do.

# %%
from scaleml_course.distributed import feature_block


def one_block_at_a_time(n_blocks):
    total = 0.0
    for number in range(n_blocks):
        features, _ = feature_block(number * ROWS, ROWS)  # trips, numeric_features, and the labels
        total = total + product_columns(features).sum(axis=0, dtype="float64")
    return total / (n_blocks * ROWS)


guess = predict(
    "12.streaming_peak",
    "The same means, block by block: how many MB does that process take on top of its start?",
    unit="MB",
    default=300,
    my_guess=None,
)

# %%
streamed = peak_memory(one_block_at_a_time, size["blocks"], limit_bytes=CAP, timeout_s=300)
print("status:", streamed.status, streamed.error)
guess.compare(streamed.added_bytes / MB)
claim(
    "12.streaming_peak",
    "Read block by block, the same answer took {added:.0f} MB on top of the start: {value:.3f} of the matrix.",
    streamed.added_bytes / matrix_bytes,
    at_most=0.35,
    added=streamed.added_bytes / MB,
)

# %% [markdown]
# This is **out-of-core** computing: the data live somewhere else (here they are generated; usually they lie in files), and
# memory holds the block in hand plus a running summary. Its peak depends on the *block*. Make the table ten times longer
# and the peak stays where it is.
#
# What it lacks is a second core. Blocks do not wait for each other, so somebody could sum two at a time.

# %% [markdown]
# ## Who sums two blocks at a time?
#
# Dask does. We start two workers as separate processes, and cap each. `local_cluster` is a thin wrapper around
# `dask.distributed.LocalCluster`: it always closes, and removes the folder its workers spill to.

# %%
from contextlib import ExitStack

from scaleml_course.distributed import local_cluster, memory_thresholds

closing = ExitStack()  # holds the cluster open from cell to cell; the last section closes it
client = closing.enter_context(local_cluster(n_workers=2, memory_limit_bytes=CAP))
for step, limit in memory_thresholds(client).items():
    print(f"{step:>9}: {limit / MB:4.0f} MB   {limit / CAP:.0%} of the cap")

# %% [markdown]
# Four lines of defence before the cap. Beyond **target**, Dask moves results it keeps for you to disk. Beyond **spill**
# it does so because the whole process is large, whoever took the memory. Beyond **pause** the worker starts no new
# task. Beyond **terminate** its *nanny*, a watcher outside the worker, ends it. Is that last one real? Let us be rude on purpose.

# %%
import time

from distributed import KilledWorker

from scaleml_course.distributed import watch


def hog(n_bytes):
    block = np.ones(n_bytes // 8)  # ones, not empty: untouched pages take no memory
    time.sleep(20)
    return len(block)


def forgive(n_deaths, dask_scheduler):
    dask_scheduler.allowed_failures = n_deaths  # how many workers one task may take down


client.run_on_scheduler(forgive, 0)
with watch(client) as rude:
    try:
        client.submit(hog, CAP).result()
    except KilledWorker as error:
        print(str(error).split(". Inspecting")[0])
client.run_on_scheduler(forgive, 3)
client.wait_for_workers(2)
print("workers lost:", rude.workers_lost)

# %% [markdown]
# Read the message to its end when you meet it at work: `KilledWorker` names the task that was running, not the reason.
# Nine times in ten the reason is this one.
#
# Now the polite way. `design` promises the matrix as a Dask array: each block knows its row numbers, and that is all
# there is so far.

# %%
from scaleml_course.distributed import design

X, y = design(size["blocks"], ROWS)
print(
    f"{X.shape[0]:,} rows, {X.shape[1]} columns, {X.nbytes / MB:,.0f} MB, in {X.numblocks[0]} blocks; computed so far: nothing"
)

# %%
client.run(feature_block, 0, 1)  # so that the workers have imported what they need before we look
with watch(client) as averaged:
    means = X.mean(axis=0, dtype="float64").compute()

print(f"{averaged.seconds:.1f} s, {averaged.n_tasks} tasks, workers lost: {averaged.workers_lost}")
for worker, peak in averaged.peak_bytes.items():
    print(
        f"{worker}  started at {averaged.start_bytes[worker] / MB:.0f} MB, peak {peak / MB:.0f} MB"
    )

# %%
claim(
    "12.worker_under_cap",
    "Both workers stayed below their cap: the higher peak was {value:.2f} of it, on a matrix {times:.1f} times the cap.",
    averaged.max_peak_bytes / CAP,
    at_most=0.95,
    times=matrix_bytes / CAP,
)
claim(
    "12.same_answer",
    "And the answer is the same: the largest difference from the streamed means is {value:.1e}.",
    float(np.max(np.abs(means - streamed.result))),
    at_most=1e-6,
)

# %% [markdown]
# Look at where the workers *started*: libraries are memory too, and the more you import, the less of the cap is left for data.
# The arithmetic that matters is (spill line − libraries) ÷ (bytes of a row × copies that a task makes of it): the rows
# that a block may have. The exercise asks you for it.
#
# One habit undoes all of this: `X.compute()` brings the whole matrix to *this* process, which has no nanny. Reduce
# first, compute then.

# %% [markdown]
# ## Can a model learn from one block at a time?
#
# Stochastic gradient descent never wanted more than a row: it looks at a row, nudges the coefficients, forgets the row.
# scikit-learn offers that as `partial_fit`. Here is the whole of out-of-core learning:

# %%
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score

held_out, late = feature_block(0, 50_000, seed=1)  # another seed: trips that no model has seen
held_out_wide = product_columns(held_out)


def new_model(**settings):
    return SGDClassifier(loss="log_loss", random_state=0, **settings)


patient = {"alpha": 1e-6, "learning_rate": "invscaling", "eta0": 0.05, "power_t": 0.25}
model = new_model(**patient)
for number in range(3):
    features, labels = feature_block(number * ROWS, ROWS)
    model.partial_fit(product_columns(features), labels, classes=[0, 1])
    print(
        f"after block {number + 1}: AUC {roc_auc_score(late, model.decision_function(held_out_wide)):.3f}"
    )

# %% [markdown]
# Two details decide whether this works. `classes=` must name every label, because the first block may not hold them all.
# And features must already be on one scale, since nobody has seen the whole column; ours are made that way, and in the
# exercise you will learn the scale in one pass. The package keeps the loop as `partial_fit_blocks`.
#
# A *pass* is one reading of all the blocks. How much does the first one bring?

# %%
guess = predict(
    "12.first_pass",
    "Of all the AUC above 0.5 that three passes gain, what share is there after the first pass?",
    unit="%",
    default=60,
    my_guess=None,
)

# %%
from scaleml_course.distributed import partial_fit_blocks

N_PASSES = 3
# With 18 columns these blocks are small enough to keep.
kept = [feature_block(number * ROWS, ROWS) for number in range(size["curve_blocks"])]
blocks_per_pass = len(kept)
schedules = {"step size falls slowly (invscaling)": patient, "scikit-learn's default": {}}
curves = {}
for name, settings in schedules.items():
    model, scores = new_model(**settings), []

    def score(blocks_seen, model=model, scores=scores):
        if blocks_seen % max(1, blocks_per_pass // 4) == 0:
            scores.append(
                (blocks_seen, roc_auc_score(late, model.decision_function(held_out_wide)))
            )

    passes = (
        (product_columns(features), labels) for _ in range(N_PASSES) for features, labels in kept
    )
    partial_fit_blocks(model, passes, classes=[0, 1], after_block=score)
    curves[name] = np.array(scores)

slowly = curves["step size falls slowly (invscaling)"]
after_first = slowly[slowly[:, 0] == blocks_per_pass, 1][0]
share = (after_first - 0.5) / (slowly[-1, 1] - 0.5)
guess.compare(100 * share)
claim(
    "12.first_pass",
    "After one pass the model has {value:.1%} of the AUC above 0.5 that three passes gain ({one:.3f}, then {three:.3f}).",
    share,
    at_least=0.8,
    one=after_first,
    three=slowly[-1, 1],
)

# %%
import matplotlib.pyplot as plt

from scaleml_course.measure import figure

fig, ax = plt.subplots()
for (name, curve), style in zip(curves.items(), ("-", "--"), strict=True):
    ax.plot(curve[:, 0] / blocks_per_pass, curve[:, 1], style, ms=4, label=name)
for finished in range(1, N_PASSES + 1):
    ax.axvline(finished, color="#BBBBBB", lw=0.8, marker="", zorder=0)
ax.set(
    xlabel=f"passes over {blocks_per_pass * ROWS:,} trips",
    ylabel="AUC on held-out trips",
    xticks=range(N_PASSES + 1),
)
ax.legend(loc="lower right")
default = curves["scikit-learn's default"]
figure(
    fig,
    alt=f"AUC against passes. With a slowly falling step size it is {after_first:.3f} after one pass and {slowly[-1, 1]:.3f} "
    f"after three: nearly flat. With the default schedule it is lower and still moving: {default[0, 1]:.3f} early in the first "
    f"pass, {default[-1, 1]:.3f} after three.",
)

# %% [markdown]
# With a sensible step size the first pass does nearly everything. That is good news for anyone whose passes are expensive, and a
# hint: rather than read the same rows again, read rows you have not seen. We have plenty.

# %% [markdown]
# ## How does Dask hand a model from block to block?
#
# `Incremental` wraps any estimator with `partial_fit`. Its graph is a chain: the model goes from worker to worker, meets each
# block where it was made, and travels on. (For a model, "travels" means 172 numbers.)

# %%
from dask_ml.wrappers import Incremental

learner = Incremental(new_model(**patient), shuffle_blocks=False)
with watch(client) as learned:
    learner.fit(X, y, classes=[0, 1])

auc_incremental = roc_auc_score(late, learner.estimator_.decision_function(held_out_wide))
print(
    f"{learned.seconds:.1f} s; links in the chain: {learned.count('fit')}; blocks made: {learned.count('feature_block')}"
)
claim(
    "12.incremental_score",
    "One pass over {rows:,} trips, and the AUC on held-out trips is {value:.3f}.",
    auc_incremental,
    at_least=0.74,
    rows=len(X),
)
claim(
    "12.incremental_under_cap",
    "The higher of the two workers' peaks was {value:.2f} of the cap.",
    learned.max_peak_bytes / CAP,
    at_most=0.95,
)

# %%
peaks = {
    "the matrix itself": matrix_bytes,
    "one process, block by block": streamed.peak_rss_bytes,
    "worker, column means": averaged.max_peak_bytes,
    "worker, Incremental": learned.max_peak_bytes,
}
fig, ax = plt.subplots(figsize=(7.0, 3.0))
colours = ["#D55E00", "#009E73", "#0072B2", "#0072B2"]
ax.barh(list(peaks), [n / MB for n in peaks.values()], color=colours)
ax.axvline(CAP / MB, color="black", ls="--", marker="")
ax.text(CAP / MB, -0.62, " cap of a worker", va="bottom")
ax.set(xlabel="MB (for the processes: peak, with libraries)")
ax.invert_yaxis()
ax.grid(axis="y", visible=False)
figure(
    fig,
    alt=f"The matrix takes {matrix_bytes / MB:,.0f} MB, far beyond the cap of {CAP / MB:.0f} MB. "
    + "All that work in blocks stay below it: "
    + ", ".join(f"{name} {n / MB:.0f} MB" for name, n in list(peaks.items())[1:])
    + ".",
)

# %% [markdown]
# Look at what the chain is *not*: parallel. Each link waits for the one before. Two workers help all the same, since one
# can make the next block while the other learns. Making blocks is the parallel part, and in real life (parse, decompress,
# join) often the larger one.

# %% [markdown]
# ## Why can a random forest not do this?
#
# Talk [S] shows `Incremental(RandomForestClassifier())` on a slide. Let us run the slide.

# %%
from sklearn.ensemble import RandomForestClassifier

try:
    Incremental(RandomForestClassifier()).fit(X, y, classes=[0, 1])
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# The message is right, and the reason lies in the algorithm. To place its first split, a tree compares *all* rows on both
# sides of every candidate, and every later split depends on the first. Rows that arrive afterwards cannot be nudged into a
# finished tree. A gradient step, a count or a sum can take them in at any time:

# %% tags=["strict"]
from sklearn.cluster import DBSCAN, KMeans, MiniBatchKMeans
from sklearn.decomposition import PCA, IncrementalPCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import QuantileTransformer, StandardScaler

for estimator in (
    SGDClassifier, GaussianNB, MiniBatchKMeans, IncrementalPCA, StandardScaler,
    LogisticRegression, RandomForestClassifier, HistGradientBoostingClassifier, KMeans, PCA, DBSCAN, QuantileTransformer,
):  # fmt: skip
    print(f"{estimator.__name__:<32}", "partial_fit" if hasattr(estimator, "partial_fit") else "-")

# %% [markdown]
# `warm_start=True` on a forest is no way out. It *adds* trees for each block, so every tree has seen one block alone: a
# vote among models of little data, which is something else. (On rows in random order it may even score well. On rows in time
# order, each tree knows one day.)
#
# Three estimators in the lower part have a form that was built for blocks, with another algorithm inside. They are the rest
# of this lesson.

# %% [markdown]
# ## What does an exact optimiser cost?
#
# SGD only ever comes near the optimum. dask-ml's `LogisticRegression` goes all the way: Newton's method needs the gradient and
# the Hessian, both of them sums over the rows, so each block contributes its part. Each iteration needs *all* the parts. We leave the
# products out and count how often each block is made.

# %%
from dask_ml.linear_model import LogisticRegression as DaskLogisticRegression

X_narrow, y_narrow = design(size["glm_blocks"], ROWS, products=False)
exact = DaskLogisticRegression(solver="newton", max_iter=20, tol=1e-4)
with watch(client) as solved:
    exact.fit(X_narrow, y_narrow)

auc_glm = roc_auc_score(late, held_out @ exact.coef_ + exact.intercept_)
passes_glm = solved.count("feature_block") / size["glm_blocks"]
claim(
    "12.glm_passes",
    "Newton's method made every block {value:.0f} times, Incremental once. Its AUC, on 18 columns, is {auc:.3f}.",
    passes_glm,
    at_least=3,
    unit="passes",
    auc=auc_glm,
)

# %% [markdown]
# Compare the two scores. An exact answer from 18 columns loses to a sloppy answer from 171: the *columns* mattered more than
# the optimiser. It is lesson 01's advice in new clothes (be smarter before you are bigger), with the bill attached:
# smarter columns are what made the data outgrow the memory.
#
# When data are made or read afresh on every pass, passes are the price. When the narrow form fits into the workers' memory
# together, `client.persist(X_narrow)` keeps it there, and a pass costs little. Watch the spill line when you do.

# %% [markdown]
# ## Can k-means work on blocks?
#
# Course [E] hands k-means 500 delayed blocks with 12 clouds in 20 dimensions. Our blocks have fewer rows, so that
# you need not wait; their number is what we care about.

# %%
import dask

from scaleml_course.distributed import blob_block, delayed_blocks

K, CLOUD_ROWS = 12, 2_000  # k is stated: dask-ml's default is 8, and the data have 12 clouds
blocks = delayed_blocks(size["kmeans_blocks"], CLOUD_ROWS, spread=2.0)
print(len(blocks), "blocks, promised; the first one:", blocks[0])

# %% [markdown]
# Lloyd's algorithm repeats two lines: give each row to its nearest centre, move each centre to the mean of its rows. A mean is a
# sum and a count. We have been here before, so one block's part of the work is:


# %%
def assign_and_sum(rows, centres):
    distances = ((rows[:, None, :] - centres) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1)
    sums = np.array([rows[nearest == k].sum(axis=0) for k in range(len(centres))])
    return sums, np.bincount(nearest, minlength=len(centres)), distances.min(axis=1).sum()


from sklearn.cluster import kmeans_plusplus

first = blob_block(0, CLOUD_ROWS, spread=2.0)
start, _ = kmeans_plusplus(first, K, random_state=0)
sums, counts, inertia = assign_and_sum(first, start)
one_step = KMeans(K, init=start, n_init=1, max_iter=1, tol=0).fit(first)
print(
    "one step on one block equals scikit-learn's:",
    np.allclose(sums / counts[:, None], one_step.cluster_centers_),
)

# %% [markdown]
# The package's `fit_blocks` does this on every block, adds the sums up in a tree, and repeats until the centres rest. Only
# sums travel: 12 × 20 numbers a block. (Its `assign_and_sum` uses a matrix product in place of the differences, to the same
# effect.) Beside it runs `dask_ml.cluster.KMeans`, from the same start. Both get their blocks by `persist`, which makes
# each block once and keeps it in a worker's memory: every iteration reads all of them, and here they fit into both workers together.

# %%
import dask.array as da
from dask_ml.cluster import KMeans as DaskKMeans

from scaleml_course.distributed import fit_blocks


def as_dask_array(blocks):
    shape = (CLOUD_ROWS, start.shape[1])
    return da.concatenate([da.from_delayed(block, shape, np.float64) for block in blocks])


def fit_dask_ml(clouds):
    return DaskKMeans(K, init=start, max_iter=50).fit(clouds)


def compile_first():  # dask-ml's inner loop is compiled at its first call in each process
    with dask.config.set(scheduler="synchronous"):
        fit_dask_ml(da.from_array(first, chunks=first.shape))


client.run(compile_first)
with watch(client) as library_run:
    clouds = as_dask_array(blocks).persist()
    library = fit_dask_ml(clouds)
del clouds  # the workers may forget these blocks
with watch(client) as blocks_run:
    held = dask.persist(*blocks)
    ours = fit_blocks(held, start)
del held
print(
    f"dask_ml   : {library.n_iter_} iterations, {library_run.n_tasks:>6,} tasks, {library_run.seconds:5.1f} s"
)
print(
    f"fit_blocks: {ours.n_passes} iterations, {blocks_run.n_tasks:>6,} tasks, {blocks_run.seconds:5.1f} s"
)

# %% [markdown]
# And on one machine, without Dask: scikit-learn's `KMeans` with all rows in memory, and `MiniBatchKMeans` fed block by block.
# Each runs in a process of its own.


# %%
def fit_in_memory(n_blocks):
    rows = np.concatenate(
        [blob_block(number, CLOUD_ROWS, spread=2.0) for number in range(n_blocks)]
    )
    return KMeans(K, init=start, n_init=1).fit(rows).cluster_centers_


def fit_mini_batches(n_blocks):
    model = MiniBatchKMeans(K, init=start, n_init=1, random_state=0)
    for number in range(n_blocks):
        model.partial_fit(blob_block(number, CLOUD_ROWS, spread=2.0))
    return model.cluster_centers_


in_memory = peak_memory(fit_in_memory, len(blocks))
mini_batch = peak_memory(fit_mini_batches, len(blocks))

# %%
import pandas as pd

from scaleml_course.distributed import assign_and_sum  # the package's: it uses a matrix product

centres = {
    "dask_ml KMeans": library.cluster_centers_,
    "fit_blocks on Dask": ours.centres,
    "scikit-learn KMeans": in_memory.result,
    "MiniBatchKMeans, one pass": mini_batch.result,
}
inertia = dict.fromkeys(centres, 0.0)  # one more pass, for all four alike, each block made once
for number in range(len(blocks)):
    rows = blob_block(number, CLOUD_ROWS, spread=2.0)
    for name, found in centres.items():
        inertia[name] += assign_and_sum(rows, found).inertia

clustering = pd.DataFrame(
    {
        "seconds, start to end": [
            library_run.seconds,
            blocks_run.seconds,
            in_memory.seconds,
            mini_batch.seconds,
        ],
        "peak MB of a process": [
            n / MB
            for n in (
                library_run.max_peak_bytes,
                blocks_run.max_peak_bytes,
                in_memory.peak_rss_bytes,
                mini_batch.peak_rss_bytes,
            )
        ],
        "inertia": list(inertia.values()),
    },
    index=list(centres),
)
lowest = clustering["inertia"].min()
clustering["inertia over lowest"] = clustering.pop("inertia") / lowest
claim(
    "12.equal_inertia",
    "All four found equally good centres: the worst inertia is {value:.4f} times the best.",
    clustering["inertia over lowest"].max(),
    at_most=1.02,
    unit="times",
)
claim(
    "12.tasks_for_the_same_step",
    "For the same iterations, dask_ml runs {value:.1f} times the tasks of fit_blocks.",
    (library_run.n_tasks / library.n_iter_) / (blocks_run.n_tasks / ours.n_passes),
    at_least=1.5,
    unit="times",
)
clustering.round(4)

# %%
fig, ax = plt.subplots(figsize=(7.0, 3.0))
ax.barh(
    list(clustering.index),
    clustering["seconds, start to end"],
    color=["#0072B2", "#0072B2", "#009E73", "#009E73"],
)
for row, seconds in enumerate(clustering["seconds, start to end"]):
    ax.text(seconds, row, f" {seconds:,.1f} s", va="center")
ax.set(xlabel=f"seconds for {len(blocks)} blocks of {CLOUD_ROWS:,} rows")
ax.margins(x=0.12)
ax.invert_yaxis()
ax.grid(axis="y", visible=False)
figure(
    fig,
    alt="Seconds to the same inertia: "
    + ", ".join(
        f"{name} {seconds:,.1f}" for name, seconds in clustering["seconds, start to end"].items()
    )
    + ". The two distributed fits are the blue bars.",
)

# %% [markdown]
# Every task costs the scheduler about a millisecond, whatever it does, and one block of 2,000 rows is less work than that.
# What you see is not k-means; it is bookkeeping. Fewer, larger tasks are the cure, and lesson 09 looks for the best size.
#
# The column of memory tells the other half. The peak of scikit-learn's KMeans grows with the rows, in one process. The two
# Dask fits share the rows out among the workers, so more workers hold more rows: that, and not speed, is what they are for.
# MiniBatchKMeans holds one block at a time, however many there are, and needs no cluster.

# %% [markdown]
# ## What about XGBoost?
#
# Boosted trees find products of causes by themselves, so they do not need the 171 columns: 18 will do. XGBoost also replaces each value by the
# number of its bin (256 of them, one byte each). `DaskQuantileDMatrix` makes the bins straight from the blocks;
# `DaskDMatrix` first keeps a full copy. Each tree is still built from all rows: the workers add up their histograms, one
# exchange a level. That is how trees work on blocks without `partial_fit`.
#
# We take fresh workers for it. A process keeps some of the memory that it has freed, and under a cap that room is missed.

# %%
from scaleml_course.measure import resident_bytes


def import_first():
    import xgboost.dask  # noqa: F401

    feature_block(0, 1)


closing.close()
client = closing.enter_context(local_cluster(n_workers=2, memory_limit_bytes=CAP))
client.run(import_first)  # so that "added", below, means data
print(
    {
        worker.split(":")[-1]: f"{n_bytes / MB:.0f} MB"
        for worker, n_bytes in client.run(resident_bytes).items()
    }
)

# %%
from xgboost import dask as dask_xgboost

X_train, y_train = design(size["xgb_blocks"], ROWS, products=False)
X_valid, y_valid = design(4, ROWS, seed=2, products=False)
settings = {
    "objective": "binary:logistic",
    "eval_metric": "auc",
    "learning_rate": 0.5,
    "max_depth": 6,
}

with watch(client) as copied:
    plain = dask_xgboost.DaskDMatrix(client, X_train, y_train)
    dask_xgboost.train(client, settings, plain, num_boost_round=1)
    del plain
with watch(client) as boosted:
    train = dask_xgboost.DaskQuantileDMatrix(client, X_train, y_train)
    valid = dask_xgboost.DaskQuantileDMatrix(client, X_valid, y_valid, ref=train)
    grown = dask_xgboost.train(
        client,
        settings,
        train,
        num_boost_round=60,
        evals=[(train, "train"), (valid, "valid")],
        early_stopping_rounds=3,
        verbose_eval=False,
    )
    del train, valid

booster, history = grown["booster"], grown["history"]
auc_xgboost = roc_auc_score(
    late, booster.inplace_predict(held_out, iteration_range=(0, booster.best_iteration + 1))
)
print(
    f"DaskDMatrix, 1 tree: {copied.max_added_bytes / MB:.0f} MB added; DaskQuantileDMatrix, "
    f"{booster.num_boosted_rounds()} trees: {boosted.max_added_bytes / MB:.0f} MB added"
)
claim(
    "12.xgboost_score",
    "Stopped early after {trees} trees on {rows:,} trips, XGBoost reaches an AUC of {value:.3f} from 18 columns.",
    auc_xgboost,
    at_least=0.75,
    trees=booster.num_boosted_rounds(),
    rows=len(X_train),
)

# %%
fig, ax = plt.subplots()
n_trees = np.arange(1, booster.num_boosted_rounds() + 1)
ax.plot(n_trees, history["train"]["auc"], "-", label="trips it learned from")
ax.plot(n_trees, history["valid"]["auc"], "--", label="validation trips (decide when to stop)")
valid_features, valid_late = feature_block(0, 4 * ROWS, seed=2)
sgd_on_valid = roc_auc_score(
    valid_late, learner.estimator_.decision_function(product_columns(valid_features))
)
ax.axhline(
    sgd_on_valid,
    color="black",
    ls=":",
    marker="",
    label="SGD on 171 columns, one pass (validation trips)",
)
ax.set(xlabel="trees", ylabel="AUC")
ax.legend(loc="lower right")
figure(
    fig,
    alt=f"AUC against the number of trees: validation AUC rises from {history['valid']['auc'][0]:.3f} to "
    f"{max(history['valid']['auc']):.3f} and levels off, while training AUC goes on to {history['train']['auc'][-1]:.3f}. "
    f"SGD on 171 columns has {sgd_on_valid:.3f} on the same validation trips.",
)

# %% [markdown]
# One warning. `xgboost.dask` wants all of its training blocks in the workers' memory at once (before binning, that
# is 72 bytes a row; the lines with a rank in the output are the workers finding each other for that). Larger than one worker: yes. Larger than the cluster: no. For that there is
# `xgboost.ExtMemQuantileDMatrix`, which keeps its bins on disk.

# %% [markdown]
# ## When this is slower
#
# Two workers, a scheduler and a graph: what if the data had fitted all along? Ten blocks of 2,000 rows take 3 MB. We
# give dask-ml its blocks ready in the workers' memory, scikit-learn its rows in ours, and the same start to both.
#
# The workers are new ones. While this lesson was written, XGBoost once left both with memory that was free but not handed
# back to the system, a little above the **pause** line. Paused workers start nothing, so the next fit waited for ever, and
# without a word. When a cluster is idle and your result does not come, look at its memory first.

# %%
from distributed import wait

from scaleml_course.measure import compare

guess = predict(
    "12.dask_over_sklearn",
    "How many times as long as scikit-learn's KMeans does dask_ml's take on 3 MB?",
    unit="times",
    default=3,
    my_guess=None,
)
closing.close()
client = closing.enter_context(local_cluster(n_workers=2, memory_limit_bytes=CAP))
client.run(compile_first)
ready = as_dask_array(blocks[:10]).persist()
wait(ready)
rows = ready.compute()
small = compare(
    {
        "scikit-learn KMeans": lambda: KMeans(K, init=start, n_init=1).fit(rows),
        "MiniBatchKMeans": lambda: MiniBatchKMeans(K, init=start, n_init=1, random_state=0).fit(
            rows
        ),
        "dask_ml KMeans": lambda: fit_dask_ml(ready),
    },
    rounds=3,
)

# %%
guess.compare(small.ratio("dask_ml KMeans", "scikit-learn KMeans").value)
claim(
    "12.slower_when_it_fits",
    "On 3 MB, dask_ml's KMeans takes {value:.0f} times as long as scikit-learn's (interval {low:.0f} to {high:.0f}).",
    small.ratio("dask_ml KMeans", "scikit-learn KMeans"),
    at_least=2,
    unit="times",
)
small.table().round(2)

# %% [markdown]
# Nothing is wrong with dask-ml here. The scheduler's fee is paid per task, and these tasks are too small to be worth it. The
# order of choices for data of *any* size is: does it fit (use scikit-learn); does it fit in a smaller dtype, with fewer
# columns, or as a sample (lesson 01); does one process in blocks end in time (use `partial_fit`); and then Dask.

# %%
closing.close()
print("cluster closed:", client.status)

# %% [markdown]
# ## Recap

# %%
pd.DataFrame(
    {
        "columns": [171, 171, 18, 18],
        "rows": [n_rows, len(X), len(X_narrow), len(X_train)],
        "passes": ["-", "1", f"{passes_glm:.0f}", "in memory, binned"],
        "seconds": [died.seconds, learned.seconds, solved.seconds, boosted.seconds],
        "peak MB of a process": [
            np.nan, learned.max_peak_bytes / MB, solved.max_peak_bytes / MB, boosted.max_peak_bytes / MB,
        ],
        "AUC": [np.nan, auc_incremental, auc_glm, auc_xgboost],
    },
    index=["all at once (died)", "Incremental SGD", "dask_ml LogisticRegression", "XGBoost on Dask"],
).round(3)  # fmt: skip

# %% [markdown]
# * Peak memory is decided by the largest thing alive at once. Work whose state *adds up* (sums, counts, gradients, histograms) needs
#   one block and a summary.
# * `partial_fit`, wrapped in `Incremental`, learns from blocks in a chain; with a sensible step size one pass does most of the work.
#   A forest cannot: its splits need all rows at once. GLMs, k-means and XGBoost have block forms that pay in passes, tasks, or memory.
# * A cap counts the whole process. Libraries first, then blocks times copies: know both numbers before you choose the block.
# * Lesson 04 charged you for shipping an array to another process. The same fee is why blocks are *made* on the workers here, and why only
#   sums, gradients and 172 coefficients travel.
#
# Ahead: lesson 13 asks what happens to the half-finished sums when a worker dies, and lesson 17 searches hyper-parameters with
# the same `partial_fit`.

# %% [markdown] tags=["quiz"]
# ## Quiz
# **1. A function holds one block of 20 MB at a time and adds up a summary of 1 kB. The table grows from 1 GB to 100 GB. What happens to its peak memory?**
# - [ ] It grows a hundredfold, with the data :: That is the all-at-once version. Here, no more than one block is alive at any time.
# - [x] It stays about the same :: The peak depends on the block and the summary. Only the time grows with the table.
# - [ ] It shrinks, because the blocks get smaller :: A longer table has more blocks, and each is as large as before.
#
# **2. Why does `Incremental(RandomForestClassifier())` fail?**
# - [ ] dask-ml does not know this estimator yet; a newer version will :: No list of known estimators is involved. Incremental takes anything with `partial_fit`, and a forest has none.
# - [ ] A forest is too large to send from worker to worker :: Size was never asked. Large neural networks with `partial_fit` pass through the same chain.
# - [x] A tree's splits depend on all rows together, so rows that come later cannot be worked in :: No `partial_fit` can exist for the usual algorithm, and so scikit-learn offers none.
# - [ ] Trees are not trained by blocks anywhere :: XGBoost does it on Dask, by adding up histograms of all blocks at each level. It is another algorithm with another interface.
#
# **3. A worker with a cap of 700 MB runs a task that allocates 720 MB at once. What happens?**
# - [ ] The task raises MemoryError, which you can catch inside it :: Nothing refuses the allocation: the cap is watched from outside. (With `RLIMIT_DATA`, as in `peak_memory`, you would get the exception.)
# - [ ] Dask spills the array to disk, and the task goes on :: Spilling concerns finished results that Dask stores. It cannot reach an array inside a running task.
# - [x] The nanny ends the process; after a few deaths the task fails with KilledWorker :: We saw it happen. Smaller blocks are the cure, or a larger cap.
#
# **4. `Incremental` on eight workers is hardly faster than on two. The likely reason is**
# - [x] the chain: each `partial_fit` needs the model that the one before it returns :: Workers can prepare blocks ahead of it. Once blocks are ready in time, further workers wait.
# - [ ] the model is large, so sending it around takes the time :: A linear model is a few hundred numbers. It would be true of some neural networks.
# - [ ] Python's GIL: one worker computes at a time :: Workers are processes, and each has a GIL of its own.
#
# **5. Your data fit in memory twice over and scikit-learn's KMeans takes 2 s. What does dask_ml's KMeans on two local workers offer?**
# - [ ] Half the time, from two workers :: It would, if tasks were free. Here the bookkeeping was many times the work.
# - [ ] A better clustering, since it sees all blocks :: scikit-learn sees all rows too. From the same start both arrive at the same inertia.
# - [x] Nothing you need: more time for the same centres :: Distributed forms earn their keep when the data outgrow the machine.

# %% [markdown]
# ## Exercise
#
# You will learn the mean and spread of a table in one pass without being allowed to hold it, plan blocks for a worker's cap, and
# train a classifier out of core, under an enforced cap, to a stated score.
#
# [Exercise 12](../grader/release/12_larger_than_memory/12_larger_than_memory.ipynb)

# %% [markdown]
# ## Further reading
#
# * Talk **[S]**, "Scaling Machine Learning" (`Incremental`, GLMs, clustering and XGBoost on Dask), and course **[E]**, "Scaling Machine
#   Learning" (k-means over delayed blocks).
# * Dask documentation, [Worker memory management](https://distributed.dask.org/en/stable/worker-memory.html): target, spill, pause and terminate, and
#   why memory is not always returned.
# * scikit-learn documentation, [Strategies to scale computationally: bigger data](https://scikit-learn.org/stable/computing/scaling_strategies.html): out-of-core
#   learning, with the list of estimators that have `partial_fit`.
# * L. Bottou and O. Bousquet, "The tradeoffs of large scale learning", *NIPS* 20, 2007: why a sloppy optimiser on more rows beats an
#   exact one on fewer.
# * T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance: analysis and recommendations", *The American
#   Statistician* 37(3), 1983: the formula you need in the exercise.
# * T. Chen and C. Guestrin, [XGBoost: a scalable tree boosting system](https://arxiv.org/abs/1603.02754), *KDD* 2016: the quantile sketch, and blocks out of core.
# * B. Bahmani et al., [Scalable k-means++](https://arxiv.org/abs/1203.6402), *PVLDB* 5(7), 2012: the start that dask-ml uses when you give none.
