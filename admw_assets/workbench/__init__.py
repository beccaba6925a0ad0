"""What the notebooks stand on: the pipeline's own functions, their results as pandas DataFrames.

`open_workbench` is the way in. Everything that is shown is masked as in reports, unless the
workbench was opened with `show_personal=True`. Imports everything below and pandas, matplotlib;
nothing of ADMW imports it.
"""

from admw_assets.workbench.bench import Workbench as Workbench
from admw_assets.workbench.bench import open_workbench as open_workbench
