"""Functions of other libraries that ask for NumPy's own class, by the module that defines them.

A name that a version of a library does not have is passed over.
"""

from __future__ import annotations

from ramba.neighbours.lending import (
    Adapter,
    as_json,
    as_series,
    frame_of_columns,
    giving,
    keeping,
    lending,
    masked_arrow,
    named_series,
    namespace_of_ours,
    one_frame_deeper,
    own_copy,
    positional_indexing,
    reading,
    showing_ours,
    stand_in,
    writing,
)

_FRAME = "__getitem__ filter with_columns select gather"
_SERIES = "__getitem__ __setitem__ _arithmetic _comp __pow__ __matmul__ filter gather scatter is_in search_sorted"


def _each(adapter: Adapter, names: str, owner: str = "") -> dict[str, Adapter]:
    return {owner + name: adapter for name in names.split()}


_in_polars = giving(as_series)

_NAMESPACES = "array_api_compat scipy._lib.array_api_compat sklearn.externals.array_api_compat"

FUNCTIONS: dict[str, dict[str, Adapter]] = {
    **{f"{name}.common._helpers": {"array_namespace": namespace_of_ours} for name in _NAMESPACES.split()},
    "bokeh.core.property.bases": {"Property.prepare_value": lending},
    "bokeh.models.sources": _each(lending, "stream patch", "ColumnDataSource."),
    "h5py._hl.dataset": {
        **_each(lending, "__getitem__ __setitem__ write_direct", "Dataset."),
        "Dataset.read_direct": writing("dest"),
    },
    "ipywidgets.widgets.interaction": {"interactive.widget_from_abbrev": lending},
    "json.encoder": {"JSONEncoder.default": as_json},
    "netCDF4.utils": {"_StartCountStride": lending},
    "numexpr.necompiler": _each(one_frame_deeper, "evaluate validate"),
    "numpy._core.defchararray": {"chararray.view": showing_ours},
    "numpy._core.memmap": {"memmap.view": showing_ours},
    "numpy._core.records": {"recarray.view": showing_ours},
    "numpy.lib.recfunctions": {
        **_each(lending, "append_fields merge_arrays rec_append_fields stack_arrays"),
        "assign_fields_by_name": writing("dst"),
    },
    "numpy.ma.core": {"MaskedArray.__new__": keeping("data", "mask"), "MaskedArray.view": showing_ours},
    "numpy.matrixlib.defmatrix": {"matrix.view": showing_ours},
    "pandas.core.algorithms": _each(lending, "factorize isin searchsorted"),
    "pandas.core.arrays.categorical": {"Categorical.__init__": lending},
    "pandas.core.frame": _each(lending, "__init__ _align_for_op", "DataFrame."),
    "pandas.core.groupby.grouper": {"get_grouper": lending},
    "pandas.core.indexes.multi": _each(lending, "from_arrays from_product", "MultiIndex."),
    "pandas.core.internals.blocks": {"maybe_coerce_values": reading},
    "pandas.core.series": {"Series.__init__": lending},
    "polars.dataframe.frame": {**_each(_in_polars, _FRAME, "DataFrame."), "DataFrame.__init__": frame_of_columns},
    "polars.functions.lit": {"lit": giving(own_copy)},
    "polars.lazyframe.frame": _each(_in_polars, "filter with_columns select", "LazyFrame."),
    "polars.series.series": {
        **_each(_in_polars, _SERIES, "Series."),
        "Series.__array_ufunc__": lending,
        "Series.__init__": named_series,
    },
    "pyarrow.lib": {"array": masked_arrow, "scalar": lending},
    "scipy.ndimage._measurements": {"label": writing("output")},
    "scipy.ndimage._ni_support": {"_get_output": writing("output")},
    "scipy.optimize._lbfgsb": {"setulb": lending},
    "scipy.sparse.linalg._interface": {"aslinearoperator": lending},
    "skimage.feature.texture": {"graycomatrix": reading},
    "skimage.measure._find_contours": {"find_contours": reading},
    "skimage.measure._regionprops": _each(reading, "regionprops regionprops_table"),
    "skimage.morphology._skeletonize": _each(reading, "skeletonize thin medial_axis"),
    "skimage.segmentation._watershed": {"watershed": reading},
    "skimage.segmentation.boundaries": {"find_boundaries": reading},
    "skimage.transform._warps": {"warp": reading},
    "skimage.transform.hough_transform": _each(
        reading, "hough_circle hough_ellipse hough_line probabilistic_hough_line"
    ),
    "skimage.util.shape": _each(lending, "view_as_blocks view_as_windows"),
    "sklearn.model_selection._search": {"ParameterGrid.__init__": lending, "ParameterSampler.__init__": lending},
    "sklearn.utils._array_api": _each(giving(stand_in), "get_namespace get_namespace_and_device"),
    "sklearn.utils._param_validation": {"validate_parameter_constraints": lending},
    "xarray.core.dataset": {"Dataset.interp": lending},
    "xarray.core.indexing": {"as_indexable": positional_indexing},
}

__all__ = ["FUNCTIONS"]
