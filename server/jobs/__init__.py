"""Jobs that take long, on Dask: see docs/jobs.md.

Only `cluster`, `connection` and `tasks` know Dask, and `tasks` runs in workers alone.
"""
