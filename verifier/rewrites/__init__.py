"""Small named changes of a cell's equations, one file each."""
