"""Models of frameworks: files read as problems, and problems written as files."""
