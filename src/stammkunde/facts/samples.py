"""The sample shop that comes with the package."""

from importlib.resources import files
from pathlib import Path


def online_retail_path() -> Path:
    """Path of the bundled Online Retail orders (Parquet, 541,909 order lines in pounds sterling, CC BY 4.0).

    In an installed package it lies beside the modules, in a source checkout in `data/`.

    >>> online_retail_path().name
    'online_retail.parquet'
    """
    package = Path(str(files("stammkunde")))
    inside = Path("data", "online_retail", "online_retail.parquet")
    installed = package / inside
    return installed if installed.is_file() else package.parents[1] / inside
