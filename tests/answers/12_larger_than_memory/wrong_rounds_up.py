# ---
# why: rounds to the nearest whole row, so that a block may be too large by half a row
# fails: [plan_rows, plan_nothing_fits]
# ---
# %% solution="rows_per_block"
def rows_per_block(cap_bytes, library_bytes, row_bytes, copies, spill_fraction):
    rows = round((cap_bytes * spill_fraction - library_bytes) / (row_bytes * copies))
    if rows < 1:
        raise ValueError("not even one row fits")
    return rows
