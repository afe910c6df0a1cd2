# ---
# why: starts a Dask LocalCluster with processes and computes on it
# ---

# %% solution="total"
import logging

import dask
from dask.distributed import Client, LocalCluster

cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR)
client = Client(cluster)


def total(values):
    return client.submit(lambda numbers: sum(number * number for number in numbers), list(values)).result()


# %% solution="number"
share = dask.delayed(lambda a, b: a / b)(9.0, 32.0).compute()
longest = "night"
