"""Models of order timing against their own stories, integrated by brute force over who a customer may be.

Each story says, for a customer with order rate λ and a habit of leaving (p or μ), how likely a past is with and without
her having left, and how many orders follow if she has not. Gauss quadrature over the two priors gives the rest.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.mbg_cnbd_k import BgCnbdK, CnbdK, MbgCnbdK
from stammkunde.clv.mbg_nbd import MbgNbd
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.quadrature import legendre
from stammkunde.clv.sample import Sample
from stammkunde.clv.transactions import TransactionModel

Array = NDArray[np.float64]

#: Likelihood of the past and of being alive, of the past and of being lost, orders in (T, T + t] if alive.
Story = tuple[Array, Array, Array]

POINTS = 80
MODELS = [
    BgNbd([0.9, 6.0, 0.7, 3.2]),
    BgNbd([0.25, 4.4, 1.6, 0.8]),
    MbgNbd([0.6, 7.0, 0.8, 1.2]),
    ParetoNbd([0.6, 11.0, 0.6, 9.0]),
    ParetoNbd([1.5, 3.0, 1.8, 12.0]),
    Nbd([0.4, 12.0]),
    BgCnbdK.of(2)([0.9, 9.0, 0.7, 3.2]),
    MbgCnbdK.of(3)([1.3, 12.0, 0.8, 2.4]),
    MbgCnbdK.of(4)([0.5, 15.0, 1.6, 0.8]),
]
every_shop = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.name}-{model.values[0]}")
PEOPLE = [(0, 0.0, 30.0), (1, 3.0, 12.0), (2, 30.43, 38.86), (7, 20.0, 25.0), (26, 30.86, 31.0), (5, 10.0, 20.0)]


def gamma_nodes(shape: float, rate: float) -> tuple[Array, Array]:
    """Nodes and weights for the mean over Gamma(shape, rate)."""
    nodes, weights = special.roots_genlaguerre(POINTS, shape - 1.0)
    return nodes / rate, weights / weights.sum()


def beta_nodes(a: float, b: float) -> tuple[Array, Array]:
    """Nodes and weights for the mean over Beta(a, b)."""
    nodes, weights = special.roots_jacobi(POINTS, b - 1.0, a - 1.0)
    return (nodes + 1.0) / 2.0, weights / weights.sum()


def people(model: TransactionModel, x: float, t_x: float) -> tuple[Array, Array, Array]:
    """λ, p or μ, and weights over them, of customers who ordered x times until t_x, were it not for leaving."""
    v = model.values
    speed, by_speed = gamma_nodes(v[0] + events(model) * x, v[1] + t_x)
    if isinstance(model, ParetoNbd):
        habit, by_habit = gamma_nodes(v[2], v[3] + t_x)
    elif isinstance(model, BgNbd):
        habit, by_habit = beta_nodes(v[2], v[3] + max(x + model.coins - 1, 0))
    else:
        habit, by_habit = np.zeros(1), np.ones(1)
    return speed[:, None], habit[None, :], by_speed[:, None] * by_habit


def events(model: TransactionModel) -> int:
    """Phases between two orders."""
    return model.k if isinstance(model, CnbdK) else 1


def poisson(mean: Array, count: int) -> Array:
    """Chances of 0 … count - 1 events."""
    n = np.arange(count)
    return np.asarray(np.exp(special.xlogy(n, mean[..., None]) - mean[..., None] - special.gammaln(n + 1)))


def regular_story(model: CnbdK, x: float, idle: float, speed: Array, habit: Array, t: float) -> Story:
    """As every story, phase by phase: how many have passed since t_x, and how many will until T + t."""
    since, later = poisson(speed * idle, model.k), poisson(speed * t, 400)
    ahead = np.zeros(np.broadcast_shapes(speed.shape, habit.shape))
    for phase in range(model.k):
        orders = (phase + np.arange(400)) // model.k
        counted = (1 - (1 - habit[..., None]) ** orders) / habit[..., None]
        ahead += since[..., phase] * (later * counted).sum(axis=-1)
    stayed = since.sum(axis=-1)
    tossed = x + model.coins > 0
    return stayed * (1 - habit * tossed), habit * tossed + 0 * speed, ahead / np.maximum(stayed, 1e-300)


def story(model: TransactionModel, x: float, idle: float, speed: Array, habit: Array, t: float) -> Story:
    """What is left to tell after t_x, up to T = t_x + idle and t beyond; factors of λ^x exp(-λ t_x) … taken out."""
    stayed, nothing = np.exp(-speed * idle), np.zeros_like(speed * habit)
    if isinstance(model, ParetoNbd):
        both = speed + habit
        lost = habit / both * -np.expm1(-both * idle)
        return np.exp(-both * idle), lost, speed / habit * -np.expm1(-habit * t)
    if isinstance(model, CnbdK):
        return regular_story(model, x, idle, speed, habit, t)
    if isinstance(model, BgNbd):
        tossed = x + model.coins > 0
        alive, lost = (stayed * (1 - habit), habit + nothing) if tossed else (stayed + nothing, nothing)
        return alive, lost, -np.expm1(-speed * habit * t) / habit
    return stayed + nothing, nothing, speed * t + nothing


@every_shop
@pytest.mark.parametrize("who", PEOPLE)
def test_alive_and_expected_are_integrals_over_all_the_customer_may_be(
    model: TransactionModel, who: tuple[float, float, float]
) -> None:
    x, t_x, T = who
    speed, habit, weight = people(model, x, t_x)
    alive, lost, ahead = story(model, x, T - t_x, speed, habit, 39.0)
    total = (weight * (alive + lost)).sum()
    assert model.p_alive(*who) == pytest.approx((weight * alive).sum() / total, rel=1e-9)
    assert model.expected_orders(*who, 39.0) == pytest.approx((weight * alive * ahead).sum() / total, rel=1e-7)


@every_shop
@pytest.mark.parametrize("T", [2.0, 20.0])
def test_the_likelihood_of_all_pasts_with_a_count_is_the_chance_of_the_count(model: TransactionModel, T: float) -> None:
    """x orders at any times whose last is t_x: likelihood times t_x^(x-1) / (x-1)!, integrated over t_x up to T."""
    at_once = isinstance(model, BgNbd) and model.coins
    chance = _from_the_first_order(model, T) if at_once else model.pmf(0, 0, 0, T, 400)
    nodes, weights = legendre(64)
    for x in (1, 2, 5):
        t_x = T * nodes
        each = Sample.of(np.full(64, float(x)), t_x, np.full(64, T), np.ones(64))
        rows, _ = model.log_likelihood(each, model.values)
        volume = (x - 1) * np.log(t_x) - special.gammaln(x)
        assert (T * weights) @ np.exp(rows + volume) == pytest.approx(chance[x], rel=1e-8)
    rows, _ = model.log_likelihood(Sample.of(np.zeros(1), np.zeros(1), np.array([T]), np.ones(1)), model.values)
    assert np.exp(rows[0]) == pytest.approx(chance[0], rel=1e-9)


def _from_the_first_order(model: TransactionModel, T: float) -> Array:
    """Chances of counts until T where the customer may leave at time 0 already."""
    _, _, a, b = model.values
    chance: Array = b / (a + b) * model.pmf_if_alive(np.zeros(1), np.zeros(1), T, 400)[0]
    chance[0] += a / (a + b)
    return chance


@every_shop
def test_chances_of_counts_are_means_over_all_the_customer_may_be(model: TransactionModel) -> None:
    x, t_x, T, t = 3.0, 20.0, 26.0, 26.0
    speed, habit, weight = people(model, x, t_x)
    alive, lost, _ = story(model, x, T - t_x, speed, habit, t)
    pmf = model.pmf(x, t_x, T, t, 40)
    none = _none_ahead(model, T - t_x)(speed, habit, t)
    nothing = (weight * (lost + alive * none)).sum() / (weight * (alive + lost)).sum()
    assert pmf[0] == pytest.approx(nothing, rel=1e-8)


def _none_ahead(model: TransactionModel, idle: float) -> Callable[[Array, Array, float], Array]:
    """P(no order within t | alive, λ, habit)."""
    if isinstance(model, ParetoNbd):
        return lambda speed, habit, t: (habit + speed * np.exp(-(speed + habit) * t)) / (speed + habit)
    if isinstance(model, CnbdK):
        quiet: Callable[[Array], Array] = lambda time: poisson(time, model.k).sum(axis=-1)  # noqa: E731
        return lambda speed, habit, t: quiet(speed * (idle + t)) / quiet(speed * idle) + 0.0 * habit
    return lambda speed, habit, t: np.exp(-speed * t) + 0.0 * habit


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "t"),
    [(3.35, 33.9, 1770.6, 12929.8, 50.0), (0.24, 4.41, 0.79, 2.43, 10_400.0), (0.25, 4.4, 5.0, 2.0, 1e5)],
)
def test_expected_orders_are_right_for_two_centuries_and_for_customers_all_alike(
    r: float, alpha: float, a: float, b: float, t: float
) -> None:
    drawn = np.random.default_rng(3).beta(a, b, 2_000_000)
    orders = -np.expm1(-r * np.log1p(drawn * t / alpha)) / drawn
    found = BgNbd([r, alpha, a, b]).expected_if_alive(np.zeros(1), np.zeros(1), np.array([t]))
    assert found[0] == pytest.approx(orders.mean(), abs=4 * orders.std() / np.sqrt(len(orders)))


@given(
    st.tuples(*[st.floats(-4.0, 8.0)] * 4),
    st.integers(0, 3000),
    st.floats(0.0, 3000.0),
    st.floats(0.01, 20_000.0),
)
def test_expected_orders_are_a_number_whatever_the_parameters(
    logs: tuple[float, ...], x: int, age: float, t: float
) -> None:
    model, rows = BgNbd(np.exp(logs)), (np.array([float(x)]), np.array([age]))
    found, later = (model.expected_if_alive(*rows, np.array([ahead]))[0] for ahead in (t, 2.0 * t))
    assert 0.0 < found <= later * (1 + 1e-9)
