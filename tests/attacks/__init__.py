"""The red team: hostile notebooks, honest but unusual ones, and what they did to a grader."""
