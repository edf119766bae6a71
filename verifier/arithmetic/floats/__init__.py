"""What floats can be: formats, sets of possible floats, and affine forms that bound errors."""
