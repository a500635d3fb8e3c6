"""The bundled sample shop is found in a checkout as in an installed package."""

import pyarrow.parquet as pq

from stammkunde.facts.samples import online_retail_path


def test_the_sample_shop_is_found_and_whole() -> None:
    assert pq.read_metadata(online_retail_path()).num_rows == 541_909
