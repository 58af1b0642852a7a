"""Read the two tables beside this file; README.md says where they come from."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Hold one data set: what was measured, what is to be predicted, and where it comes from.

    ``data`` and ``target`` are yours to change: every call of a loader reads them afresh.
    """

    name: str
    data: np.ndarray
    target: np.ndarray
    columns: tuple[str, ...]
    units: tuple[str, ...]
    target_name: str
    source: str
    licence: str

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.data.shape))
        return f"Table({self.name}: {shape} {self.data.dtype}, target {self.target_name!r})"

    def _repr_html_(self) -> str:
        """Show the first five rows of a flat table, and say where it comes from."""
        origin = f"<p>{escape(self.source)} Licence: {escape(self.licence)}</p>"
        if self.data.ndim != 2:
            return f"<p><b>{escape(repr(self))}</b></p>{origin}"
        names = [*zip(self.columns, self.units, strict=True), (self.target_name, "")]
        head = "".join(f"<th>{escape(n)}<br><small>{escape(u)}</small></th>" for n, u in names)
        rows = "".join(
            "<tr>" + "".join(f"<td>{value:g}</td>" for value in [*row, answer]) + "</tr>"
            for row, answer in zip(self.data[:5], self.target[:5], strict=True)
        )
        size = f"<p>{len(self)} rows; the first five are shown.</p>"
        return f"<table><tr>{head}</tr>{rows}</table>{size}{origin}"


def load_diabetes() -> Table:
    """Load 442 patients: ten measurements, and the disease one year later.

    The numbers are as they were measured, not scaled: the columns differ in size a hundredfold.

    >>> table = load_diabetes()
    >>> table
    Table(diabetes: 442 x 10 float32, target 'progression')
    >>> dict(zip(table.columns, table.data[0].tolist()))["age"]
    59.0
    """
    data, target = _read("diabetes.npz")
    return Table(
        name="diabetes",
        data=data,
        target=target,
        columns=("age", "sex", "bmi", "bp", "tc", "ldl", "hdl", "tch", "ltg", "glu"),
        units=("years", "1 or 2", "kg/m²", "mmHg", "mg/dL", "mg/dL", "mg/dL", "tc / hdl",
               "log of triglycerides", "mg/dL"),
        target_name="progression",
        source="Efron, Hastie, Johnstone, Tibshirani: Least Angle Regression, Annals of "
               "Statistics 32 (2004), 407-499; exported from scikit-learn.",
        licence="none stated by the authors; distributed with scikit-learn under BSD 3-clause.",
    )


def load_digits() -> Table:
    """Load 1,797 handwritten digits, 8 x 8 pixels each, ink from 0 to 16.

    >>> table = load_digits()
    >>> table
    Table(digits: 1797 x 8 x 8 uint8, target 'digit')
    >>> table.target[:10].tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    data, target = _read("digits.npz")
    return Table(
        name="digits",
        data=data,
        target=target,
        columns=("row", "column"),
        units=("pixel", "pixel"),
        target_name="digit",
        source="Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, UCI Machine "
               "Learning Repository (1998), test part; exported from scikit-learn.",
        licence="CC BY 4.0.",
    )


def _read(name):
    with np.load(HERE / name, allow_pickle=False) as arrays:
        return arrays["data"], arrays["target"]
