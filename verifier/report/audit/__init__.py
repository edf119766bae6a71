"""The report of an audit: its view data, the JSON contract, the figure of drift."""
