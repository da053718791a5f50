"""Alembic's migrations, one file each."""
