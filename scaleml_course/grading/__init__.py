"""What grades the course: a sample class, one submission at a time, the batch, marks and feedback."""
