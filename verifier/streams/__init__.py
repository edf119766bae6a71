"""One long sequence, block by block: memory does not grow with its steps.

Inputs are read from a file as they are needed; of what is done, the states after the last step are
kept, in enclosures, and as many steps before them as the certifier may go back over.
"""
