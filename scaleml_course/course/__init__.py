"""What runs the course: the catalogue, the notebooks, their execution and checks, and the book."""
