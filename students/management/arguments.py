"""Arguments that several commands read alike."""

from argparse import ArgumentTypeError
from datetime import date


def iso_date(text):
    """2020-03-01 as a date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"日期“{text}”不对，请写成 2020-03-01 这样") from error


def age_range(text):
    """6-15 as (6, 15)."""
    low, dash, high = text.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal() and int(low) <= int(high)):
        raise ArgumentTypeError(f"年龄范围“{text}”不对，请写成 6-15 这样")
    return int(low), int(high)
