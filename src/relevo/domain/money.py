"""An exact amount in a currency; amounts of different currencies never mix."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

WITHOUT_CENTS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
"""The currencies whose minor unit is the whole (ISO 4217, exponent 0)."""

LIMIT = Decimal(10) ** 15
"""Far above any real amount, and far below where the cents of a sum would be rounded away."""

SCALES = range(-40, 16)
"""The exponents of an amount's last digit that are written out. ``1e-100000000`` is a number too, and as
text it is a hundred megabytes."""


class CurrencyMismatch(ValueError):
    """Amounts of two currencies were added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` units of ``currency`` (ISO 4217, such as USD), to as many decimals as it was given.

    Raises ValueError for a currency that is not three capital letters, and for an amount that is not a
    number, not below ``LIMIT``, or finer or coarser than ``SCALES``.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"not a currency code: {self.currency!r}")
        if not self.amount.is_finite() or abs(self.amount) >= LIMIT:
            raise ValueError(f"not an amount: {self.amount}")
        if self.amount.as_tuple().exponent not in SCALES:
            raise ValueError(f"not an amount: {self.amount}")

    @classmethod
    def of(cls, amount: str | int, currency: str = "USD") -> "Money":
        return cls(Decimal(amount), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum of ``amounts``, zero when there are none. Raises CurrencyMismatch."""
        return sum(amounts, cls.zero(currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def rounded(self) -> "Money":
        """To the currency's cents, halves to the even cent: for showing."""
        return Money(self.amount.quantize(self._cent, rounding=ROUND_HALF_EVEN), self.currency)

    def rounded_down(self) -> "Money":
        """To the currency's cents, towards zero: for what may be paid out."""
        return Money(self.amount.quantize(self._cent, rounding=ROUND_DOWN), self.currency)

    def __str__(self) -> str:
        """As people read it, in cents: ``1,284.55 USD``."""
        return f"{self.rounded().amount:,} {self.currency}"

    @property
    def _cent(self) -> Decimal:
        return Decimal(1) if self.currency in WITHOUT_CENTS else Decimal("0.01")

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount
