"""What the literature printed, and forty-digit arithmetic of its formulas, for models without contracts.

FHL05: Fader, Hardie, Lee (2005), Marketing Science 24(2); note 004: Hardie's note of that number, with its sheet; BTYD:
walkthrough of the R package; CLVTools, BTYDplus, lifetimes: numbers in their tests. BG/BB, sBG and Gamma-Gamma have
files of their own.
"""

import numpy as np
import pytest

from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import TransactionModel
from stammkunde.facts import History

Model = type[TransactionModel]

CUSTOMER_1, CUSTOMER_1516, ONE_TIMER = (2, 30.43, 38.86), (26, 30.86, 31), (0, 0, 38.86)
BG_05 = BgNbd([0.243, 4.414, 0.793, 2.426])  # FHL05, three digits as printed
PARETO_05 = ParetoNbd([0.553, 10.578, 0.606, 11.669])
MBG_OURS = MbgNbd([0.524843, 6.183085, 0.891359, 1.614002])

#: Estimates to six digits; FHL05, BTYDplus and others print the first three or four of those of the sample.
SAMPLE = [
    (Nbd, [0.384766, 12.072024], -9763.6576),
    (BgNbd, [0.242595, 4.413602, 0.792922, 2.425907], -9582.4292),
    (MbgNbd, [0.524843, 6.183085, 0.891359, 1.614002], -9582.1357),
    (ParetoNbd, [0.553277, 10.577684, 0.606240, 11.668731], -9594.9762),
]
MASTER = [
    (Nbd, [0.387247, 12.271228], -96845.3442),
    (BgNbd, [0.251624, 4.788943, 0.723434, 2.161088], -95368.4439),
    (MbgNbd, [0.637140, 7.310289, 0.807474, 1.228394], -95336.9583),
    (ParetoNbd, [0.597420, 11.585658, 0.522186, 8.827757], -95415.1186),
]


@pytest.mark.parametrize(("model", "parameters", "log_likelihood"), SAMPLE)
def test_the_sample_gives_the_published_estimates(
    sample: History, model: Model, parameters: list[float], log_likelihood: float
) -> None:
    found = model.fit_history(sample)
    assert found.estimate is not None
    assert found.estimate.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    np.testing.assert_allclose(found.values, parameters, rtol=2e-5)


@pytest.mark.parametrize(("model", "parameters", "log_likelihood"), MASTER)
def test_the_master_set_gives_its_estimates(
    master: History, model: Model, parameters: list[float], log_likelihood: float
) -> None:
    found = model.fit_history(master)
    assert found.estimate is not None
    assert found.estimate.log_likelihood == pytest.approx(log_likelihood, abs=2e-4)
    np.testing.assert_allclose(found.values, parameters, rtol=2e-4)


@pytest.mark.parametrize(
    ("model", "printed", "log_likelihood"),
    [
        (BgNbd, [0.243, 4.414, 0.793, 2.426], -9582.4),  # FHL05
        (MbgNbd, [0.525, 6.183, 0.891, 1.614], -9582.1),  # BTYDplus, quoted by lifetimes
        (ParetoNbd, [0.553, 10.578, 0.606, 11.669], -9595.0),  # FHL05
    ],
)
def test_the_papers_round_to_the_same_digits(
    sample: History, model: Model, printed: list[float], log_likelihood: float
) -> None:
    found = model.fit_history(sample)
    assert [round(float(value), 3) for value in found.values] == printed
    assert found.estimate is not None
    assert round(found.estimate.log_likelihood, 1) == log_likelihood


def test_pareto_nbd_is_as_unsure_as_published(sample: History) -> None:
    errors = ParetoNbd.fit_history(sample).standard_errors
    assert list(errors.values()) == pytest.approx([0.0476, 0.843, 0.187, 6.211], rel=3e-3)  # CLVTools


@pytest.mark.parametrize(("model", "total"), [(BgNbd, 1653.4087), (ParetoNbd, 1665.5132), (MbgNbd, 1576.7283)])
def test_the_sample_is_expected_to_order_as_often_as_published(sample: History, model: Model, total: float) -> None:
    found = model.fit_history(sample)
    assert found.expected_orders(sample.x, sample.t_x, sample.T, 39).sum() == pytest.approx(total, abs=5e-3)


@pytest.mark.parametrize(
    ("model", "customer", "weeks", "orders", "alive"),
    [
        (BG_05, CUSTOMER_1, 39, 1.226028175, 0.7265785701),  # note 004: 1.226
        (BG_05, CUSTOMER_1516, 52, 25.75819594, 0.9689156497),
        (BG_05, ONE_TIMER, 39, 0.1950980521, 1),
        (PARETO_05, CUSTOMER_1, 39, 1.455123193, 0.8691675592),
        (PARETO_05, CUSTOMER_1516, 52, 25.45847295, 0.9979187311),  # BTYD: 25.46
        (PARETO_05, ONE_TIMER, 39, 0.1070814682, 0.2952866047),
    ],
)
def test_named_customers_have_their_published_future(
    model: TransactionModel, customer: tuple[float, ...], weeks: float, orders: float, alive: float
) -> None:
    assert model.expected_orders(*customer, weeks) == pytest.approx(orders, rel=1e-9)
    assert model.p_alive(*customer) == pytest.approx(alive, rel=1e-9)


@pytest.mark.parametrize(
    ("customer", "weeks", "orders", "alive"),
    [
        (CUSTOMER_1, 39, 1.262669229, 0.706125695),
        (CUSTOMER_1516, 52, 23.99988384, 0.965552763),
        (ONE_TIMER, 39, 0.153954290, 0.389715099),
    ],
)
def test_named_customers_by_mbg_nbd_at_its_estimates(
    customer: tuple[float, ...], weeks: float, orders: float, alive: float
) -> None:
    assert MBG_OURS.expected_orders(*customer, weeks) == pytest.approx(orders, rel=2e-6)  # estimates have six digits
    assert MBG_OURS.p_alive(*customer) == pytest.approx(alive, rel=2e-6)


@pytest.mark.parametrize(("customer", "published"), [(CUSTOMER_1, 6.483773568), (CUSTOMER_1516, 86.0564936)])
def test_the_discounted_rest_of_a_life_is_as_published(customer: tuple[float, ...], published: float) -> None:
    x, _, T = (np.asarray(c, dtype=float) for c in customer)
    rest = PARETO_05.p_alive(*customer) * PARETO_05.discounted_if_alive(x, T, np.inf, 0.0027 / 7)  # DERT, rate a week
    assert rest == pytest.approx(published, rel=1e-8)


def test_a_new_customer_by_bg_nbd_orders_as_note_004_says(sample: History) -> None:
    t = [0.1429, 1, 3, 31.8571, 32, 78]
    exact = [0.007816, 0.053184, 0.150631, 1.040489, 1.043732, 1.857958]
    expected = BgNbd.fit_history(sample).expected_new(t)
    np.testing.assert_allclose(expected, exact, rtol=1e-6, atol=5e-7)
    np.testing.assert_allclose(expected, [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], atol=5e-4)


@pytest.mark.parametrize(
    ("model", "published"),
    [
        (ParetoNbd([0.5534, 10.5802, 0.6061, 11.6562]), [0.0510045340023, 0.146124272222, 0.275050637429]),
        (MbgNbd([0.525, 6.183, 0.891, 1.614]), [0.0530847952637, 0.150863288607, 0.281360223983]),
    ],
)
def test_a_new_customer_orders_as_published(model: TransactionModel, published: list[float]) -> None:
    np.testing.assert_allclose(model.expected_new([1, 3, 6]), published, rtol=1e-10)


def test_bg_nbd_counts_orders_of_the_population_as_published() -> None:
    assert BG_05.pmf(0, 0, 0, 2, 10)[10] == pytest.approx(1.07868964e-7, rel=1e-8)
    assert BG_05.pmf(0, 0, 0, 39, 0)[0] == pytest.approx(0.5737863521, rel=1e-9)
    later = [0.0019995214, 0.0015170236, 0.001163315, 0.00090031479, 0.00070236377]
    np.testing.assert_allclose(BG_05.pmf(0, 0, 0, 30, 15)[11:], later, rtol=3e-8)


def test_one_customer_is_as_likely_as_published() -> None:
    two = Sample.of(np.array([0.0, 200.0]), np.array([0.0, 38.0]), np.array([40.0, 40.0]), np.ones(2))
    rows, _ = BgNbd.log_likelihood(two, np.array([0.25, 4, 0.8, 2.5]))
    np.testing.assert_allclose(rows, [-0.5994738182, 100.7956931], rtol=1e-9)


#: Histories where formulas as printed overflow or cancel; T 100, 52 weeks ahead: x, t_x, then orders and alive by both.
TRAPS = np.array(
    [
        (0, 0, 0.116257222645, 1, 0.029457747148, 0.128543179024),
        (10, 30, 0.000730747991257, 0.000165345069777, 0.00116262702938, 0.000264484454989),
        (100, 90, 0.223804862407, 0.00527786833688, 0.47918582033, 0.0114375782711),
        (300, 99, 121.065377268, 0.954973825656, 121.730959171, 0.972067688583),
        (1000, 99.9, 421.193180632, 0.997946908909, 416.526953559, 0.99911737001),
        (3000, 99.9, 1259.85405761, 0.995355362764, 1246.70953349, 0.997187000151),
    ]
)


@pytest.mark.parametrize(
    ("model", "column"), [(BgNbd([0.25, 4.4, 0.79, 2.43]), 2), (ParetoNbd([0.55, 10.58, 0.606, 11.67]), 4)]
)
def test_no_number_of_orders_is_too_many(model: TransactionModel, column: int) -> None:
    x, t_x = TRAPS[:, 0], TRAPS[:, 1]
    np.testing.assert_allclose(model.expected_orders(x, t_x, 100, 52), TRAPS[:, column], rtol=1e-10)
    np.testing.assert_allclose(model.p_alive(x, t_x, 100), TRAPS[:, column + 1], rtol=1e-10)


def test_pareto_nbd_does_not_underflow_where_lifetimes_did() -> None:
    found = ParetoNbd([0.55, 10.58, 0.61, 11.67]).expected_orders([132, 133], 200, 200, 10)
    np.testing.assert_allclose(found, [6.20605178896, 6.25287224757], rtol=1e-10)


def test_pareto_nbd_knows_who_is_alive_where_clvtools_had_nan() -> None:
    model = ParetoNbd([0.5143, 2.8845, 0.2856, 14.1087])
    t_x, T = [103.42857, 97.14286, 94.71429, 98.57143], [103.57143, 97.28571, 98, 99.42857]
    alive = [0.999596052318, 0.999558226123, 0.749487752319, 0.994255079638]
    np.testing.assert_allclose(model.p_alive([221, 254, 161, 204], t_x, T), alive, rtol=1e-10)
