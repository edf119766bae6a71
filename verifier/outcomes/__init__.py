"""What numbers a person can get: honest ways of rounding, mistakes, enclosures, and proofs."""
