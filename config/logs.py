"""JSON logs without local variables, without query strings, and with long digit runs masked: logs hold no child (design.md §3)."""

import logging
import logging.config
import re
from pathlib import Path

import structlog

LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])([0-9])[0-9]{13,17}([0-9Xx])(?![0-9A-Za-z])")  # identity and bank account numbers
PHONE = re.compile(r"(?<![0-9A-Za-z.])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9A-Za-z.])")  # a mobile telephone
QUERY = re.compile(r"\?[^\s\"'>]*")


def masked(value):
    """The value with every run of 15 to 19 digits reduced to its first and last one and mobile telephones starred, in containers too."""
    if isinstance(value, str):
        return PHONE.sub(r"\1****\2", LONG_NUMBER.sub(r"\1***\2", value))
    if isinstance(value, dict):
        return {key: masked(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part) for part in value]
    return value


def mask_numbers(_logger, _method, event: dict) -> dict:
    return {key: masked(value) for key, value in event.items()}


def drop_query(_logger, _method, event: dict) -> dict:
    """A query string holds the name that was searched for."""
    if "request" in event:
        event["request"] = QUERY.sub("", str(getattr(event["request"], "path", event["request"])))
    return event


BEFORE = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
TRACEBACK = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, *_arguments, **_named):
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, drop_query, TRACEBACK, mask_numbers, renderer]
        super().__init__(foreign_pre_chain=[*BEFORE, structlog.stdlib.ExtraAdder()], processors=last)


def logging_of(folder: Path | None, name: str) -> dict:
    """To stderr; in a demo home to a file instead, so that the terminal shows the address and the sign-ins."""
    handler = {"class": "logging.StreamHandler", "formatter": "json"}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        handler = {
            "class": "logging.FileHandler",
            "filename": folder / f"{name}.log",
            "encoding": "utf-8",
            "delay": True,
            "formatter": "json",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
        "handlers": {"main": handler},
        "root": {"handlers": ["main"], "level": "WARNING"},
        "loggers": {
            "django_structlog": {"level": "INFO"},
            "celery": {"level": "INFO"},
            "axes": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }


def configure(config: dict) -> None:
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
