"""Files in and out: one module a format, and a table of them in `registry`."""
