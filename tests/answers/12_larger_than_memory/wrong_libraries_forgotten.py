# ---
# why: plans as if the whole cap were free for data
# fails: [plan_rows, plan_nothing_fits]
# ---
# %% solution="rows_per_block"
def rows_per_block(cap_bytes, library_bytes, row_bytes, copies, spill_fraction):
    return int(cap_bytes * spill_fraction // (row_bytes * copies))
