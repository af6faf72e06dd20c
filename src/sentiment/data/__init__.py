"""From the archive of reviews to word vectors and token ids."""
