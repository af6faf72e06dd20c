"""One file for each architecture: its name under `models:` in params.yaml finds it.

`layers(units, return_sequences)` gives the Keras layers between the word vectors and dropout. What
they return is float32 [batch, length, width], read out as `read_out` says, or, without
`return_sequences` or after a pooling layer of its own, [batch, width].

`SCAN`, if there is one, holds the equations of its one recurrent layer, named "recurrent", for the
Numba engine; without it the Keras engine trains. Where there is one, Keras is imported inside
`layers`, so that the Numba engine can read texts without it.
"""
