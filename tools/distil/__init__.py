"""Teach a small network to see like a larger or older one: see docs/training_eyes.md."""
