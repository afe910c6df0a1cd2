# ---
# class: hostile files beside the notebook
# tries: "files named as the grader's own: gradebook, results, journal, feedback, a graded notebook"
# success: any point, or a stalled class
# ---

# %% tags=["hand_in"]
def hand_in(notebook, folder):
    import json

    marks = json.dumps({"status": "graded", "score": 10.0, "max_score": 10.0, "checks": [], "student": "@NAME@"})
    for name in ("result.json", "outcome.json", "gradebook.db", "registered.json", "@NAME@.json", "report.json"):
        (folder / name).write_text(marks)
    for name in ("journal/@ASSIGNMENT@", "autograded/@NAME@/@ASSIGNMENT@", "source/@ASSIGNMENT@", "release"):
        (folder / name).mkdir(parents=True)
        (folder / name / "@NAME@.json").write_text(marks)
