"""Documents: view data, templates, and the files they become; a module a kind of document."""
