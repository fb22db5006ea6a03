"""Settings, read from the environment only, typed, with defaults that are safe in production.

A missing or unusable setting stops the start with one sentence that names it. `script/server` keeps what it
chose in `var/env`; that file is read where the environment is silent, so that `flask …` speaks to the same
jurisdiction.
"""

from __future__ import annotations

import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(RuntimeError):
    """A setting is missing or cannot be used; the message is one sentence for the administrator."""


class Settings(BaseSettings):
    """Every setting Alentour knows. The five without a default must be given."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=True)

    DATABASE_URL: str
    REDIS_URL: str
    STORAGE_URL: str
    SECRET_KEY: SecretStr
    PUBLIC_URL: str

    MAIL_URL: str | None = None
    MAIL_FROM: str = "Alentour <ne-pas-repondre@localhost>"
    SMS_URL: str | None = Field(default=None, repr=False)
    #: Country codes that SMS are sent to, apart by spaces: metropolitan France and overseas. A number of elsewhere is
    #: kept, but sent no SMS: there are numbers abroad that earn by each one sent to them.
    SMS_PREFIXES: str = "+33 +262 +508 +590 +594 +596 +681 +687 +689"
    VAPID_PRIVATE_KEY: str | None = Field(default=None, repr=False)
    IMAP_URL: str | None = Field(default=None, repr=False)
    SMS_INBOUND_SECRET: str | None = Field(default=None, repr=False)
    #: What webhooks and pushes may reach inside the house's own network: host names and networks, or "*".
    ALLOW_PRIVATE_TARGETS: str = ""
    GEOCODER_URL: str | None = None
    TILES_URL: str = (
        "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&TILEMATRIXSET=PM"
        "&FORMAT=image/png&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    )
    TILES_ATTRIBUTION: str = "© IGN Plan"
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    PORT: int = Field(default=8000, ge=1, le=65535)
    TRUSTED_PROXIES: int = Field(default=0, ge=0, le=5)
    #: What a scraper of /metrics shows as its bearer; without it only the house's own network may read them.
    METRICS_TOKEN: str | None = Field(default=None, repr=False)

    @field_validator("DATABASE_URL")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
            if value.startswith(scheme):
                return "postgresql+psycopg://" + value.removeprefix(scheme)
        raise ValueError("must start with postgresql://")

    @field_validator("REDIS_URL")
    @classmethod
    def _redis(cls, value: str) -> str:
        if not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("STORAGE_URL")
    @classmethod
    def _storage(cls, value: str) -> str:
        if not value.startswith(("file:///", "s3://")):
            raise ValueError("must start with file:/// or s3://")
        return value

    @field_validator("MAIL_URL")
    @classmethod
    def _mail(cls, value: str | None) -> str | None:
        if value and not value.startswith(("smtp://", "smtps://", "file:///")):
            raise ValueError("must start with smtp://, smtps:// or file:///")
        query = urlsplit(value or "").query
        if query and parse_qs(query, keep_blank_values=True) != {"tls": ["starttls"]}:
            raise ValueError("may end with ?tls=starttls and nothing else")
        return value or None

    @field_validator("SMS_URL")
    @classmethod
    def _sms(cls, value: str | None) -> str | None:
        if value and not re.match(r"[a-z0-9]+://.", value):
            raise ValueError("must be an apprise address: vonage://KEY:SECRET@SENDER/{phone}")
        return value or None

    @field_validator("SMS_PREFIXES")
    @classmethod
    def _prefixes(cls, value: str) -> str:
        codes = value.replace(",", " ").split()
        if not codes or not all(re.fullmatch(r"\+[1-9]\d{0,6}", code) for code in codes):
            raise ValueError("must be country codes apart by spaces: +33 +262")
        return " ".join(codes)

    @field_validator("VAPID_PRIVATE_KEY")
    @classmethod
    def _vapid(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[A-Za-z0-9_=-]{43,300}", value):
            raise ValueError("must be a key as `flask vapid` prints it")
        return value or None

    @field_validator("IMAP_URL")
    @classmethod
    def _imap(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("imap", "imaps") or not (parts.hostname and parts.username and parts.password):
            raise ValueError("must read imaps://user:password@host/INBOX")
        query = parse_qs(parts.query, keep_blank_values=True)
        if parts.query and (query != {"tls": ["starttls"]} or parts.scheme != "imap"):
            raise ValueError("with imap:// may end with ?tls=starttls and nothing else")
        return value

    @field_validator("SMS_INBOUND_SECRET")
    @classmethod
    def _inbound(cls, value: str | None) -> str | None:
        if value and len(value) < 16:
            raise ValueError("must be at least 16 characters of chance")
        return value or None

    @field_validator("METRICS_TOKEN")
    @classmethod
    def _metrics(cls, value: str | None) -> str | None:
        if value and len(value) < 16:
            raise ValueError("must be at least 16 characters of chance")
        return value or None

    @field_validator("MAIL_FROM")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not re.fullmatch(r"[!-~]+@[\w.-]+", parseaddr(value)[1]):
            raise ValueError("must hold an address: Alentour <ne-pas-repondre@example.fr>")
        return value

    @field_validator("SECRET_KEY")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must be at least 32 characters of chance")
        return value

    @field_validator("PUBLIC_URL")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether residents come by https, so that cookies may be marked Secure."""
        return self.PUBLIC_URL.startswith("https://")


def load() -> Settings:
    """The settings of this process: the environment first, then `var/env`.

    Raises SettingsError with one sentence naming every missing or unusable setting.
    """
    env_file = Path(os.environ.get("ALENTOUR_ENV", ROOT / "var" / "env"))
    try:
        found = env_file if env_file.is_file() else None
        return Settings(_env_file=found)  # type: ignore[call-arg]  # only pydantic's own plugin knows this parameter
    except ValidationError as error:
        missing = [e["loc"][0] for e in error.errors() if e["type"] == "missing"]
        wrong = [
            f"{e['loc'][0]} {e['msg'].removeprefix('Value error, ')}" for e in error.errors() if e["type"] != "missing"
        ]
        sentences = []
        if missing:
            sentences.append(f"Missing setting: {', '.join(map(str, missing))}.")
        if wrong:
            sentences.append(f"Unusable setting: {'; '.join(wrong)}.")
        raise SettingsError(" ".join(sentences) + " See docs/install.md.") from None
