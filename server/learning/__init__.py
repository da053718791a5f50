"""Pictures, backbones, embeddings and the classifier: no Flask, no database, no TensorFlow."""
