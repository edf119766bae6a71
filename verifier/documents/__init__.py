"""Documents as trees of blocks: a builder a kind of document, printed by any format."""
