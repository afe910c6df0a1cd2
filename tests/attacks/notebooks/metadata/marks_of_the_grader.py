# ---
# class: editing metadata
# tries: "writes into the metadata what graders write there themselves: scores, notes, checks, statuses"
# success: any point
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    tests = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    scores = {cell["metadata"]["nbgrader"]["grade_id"]: 10.0 for cell in tests}
    notebook["metadata"].update(scaleml_notes=["full marks"], scaleml_scores=scores, nbgrader={"score": 10, "scores": scores})
    for cell in tests:
        cell["metadata"].update(scaleml={"score": 10.0, "passed": True}, score=10.0)
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1}]
