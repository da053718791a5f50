"""Keras weights in, a backbone folder out.

The only room that imports TensorFlow, and only inside functions of the modules that say so:
`keras_models`, `folding`, `writers`. Everything else here (names, sources, weight files, the
parity check in the browser) works without it.
"""
