"""Questions for a class: fair variants of a problem, and what every answer earns in learning systems."""
