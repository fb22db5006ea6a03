"""The measures: each is a command with a figure, beside a baseline taken in the same run on the same machine."""
