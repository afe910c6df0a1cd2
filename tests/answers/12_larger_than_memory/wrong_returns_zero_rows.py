# ---
# why: gives 0 or fewer rows, where a refusal was asked for
# fails: [plan_nothing_fits]
# ---
# %% solution="rows_per_block"
def rows_per_block(cap_bytes, library_bytes, row_bytes, copies, spill_fraction):
    return int((cap_bytes * spill_fraction - library_bytes) // (row_bytes * copies))
