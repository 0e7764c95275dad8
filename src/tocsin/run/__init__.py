"""The hearth: the only room that knows all the others."""

import os

# Before numpy is loaded: its products here are small, and on a busy machine threads of the linear
# algebra that wait for each other made the ear 30 times slower (two windows in 95 ms, not 3).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
