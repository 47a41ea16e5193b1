"""Names of the arrays that the statistics take and give."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
# A sparse matrix of SciPy in rows (CSR), which has no types.
Sparse = Any
