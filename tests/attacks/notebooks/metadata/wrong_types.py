# ---
# class: editing metadata
# tries: "metadata of wrong types: lists, numbers, null and text where dictionaries are expected"
# success: a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    odd = [None, [], "nbgrader", 3, {"grade_id": ["total_any"]}, {"grade_id": {"a": 1}, "grade": "yes"}]
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = odd[number % len(odd)]
        cell["metadata"]["tags"] = {"skip-execution": True}
    notebook["metadata"]["kernelspec"] = ["python3"]
