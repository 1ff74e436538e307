"""Settings: `casefold.toml` under `CASEFOLD_*` variables; what is wrong is named by path, found and allowed."""

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.identity.origins import web_origin
from app.identity.settings import ApiKeySettings, IssuerSettings, SessionSecret
from app.limits import LimitsSettings
from app.setting_errors import Where, nearest, setting_error, spelled
from app.sites import EVERYWHERE_ELSE, SiteSettings
from domain.caller import Role
from domain.contradictions import RULES
from domain.discrepancy import SILENCES, Tolerances
from domain.errors import SettingError
from domain.identity import MAIN_TENANT
from domain.operational import OperationalEventType
from domain.shipment import TransportMode
from domain.stages import Allowances, Stage
from events.brokers import BrokerKind
from sources.registry import adapter
from sources.settings import (
    LOOPBACK,
    Age,
    Budget,
    Label,
    SourceSettings,
    TenantName,
    receiving_address,
    signing_secret,
)

PREFIX = "CASEFOLD_"
CLIENT_VARIABLES = frozenset({"CONFIG", "URL", "SANDBOX_URL", "CACHE_DIR", "EVENTS_TOKEN"})
"""Variables of this prefix that are not settings of the gateway: they are for clients and scripts."""

_VARIABLE = re.compile(r"\$\{(?:file:(?P<path>[^}]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*))\}")

Pause = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=1))]

Table = Mapping[str, Any]


class WebhookSettings(BaseModel):
    """One `[[webhooks]]` table: somebody who is told of operational events."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Label
    """The name under which everything reports it."""
    tenant: TenantName = MAIN_TENANT
    """Of whose data it is told."""
    url: Annotated[str, AfterValidator(receiving_address)]
    """Where events are posted; https, unless it is on this machine."""
    allow_private: bool = False
    """Whether its name may lead into a private network; see the setting of sources."""
    secret: Annotated[SecretStr, AfterValidator(signing_secret)]
    """What signs them by Standard Webhooks: `whsec_` and base64."""
    types: tuple[OperationalEventType, ...] = ()
    """Which events; empty: all."""
    timeout: Budget = timedelta(seconds=5)
    """Longest that one delivery may take."""
    retries: Annotated[tuple[Pause, ...], Field(max_length=20)] = tuple(
        timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600, 3_600)
    )
    """How long to wait after each failure; after the last an event is parked."""


class BrokerSettings(BaseModel):
    """One `[[brokers]]` table: where canonical events are, besides those that are posted to `/events`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Label
    """The name under which everything reports it."""
    kind: BrokerKind
    """Which broker; it needs the extra `brokers` of the installation."""
    url: SecretStr
    """Its address, with credentials if it wants some: `nats://`, `amqp://`, or `host:port` of Kafka."""
    subject: Annotated[str, Field(min_length=1, max_length=255)]
    """Subject of NATS, queue of RabbitMQ, topic of Kafka."""
    stream: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """Of NATS: the JetStream that keeps the subject; it has to be there."""
    sources: Annotated[tuple[Label, ...], Field(min_length=1)]
    """Ids of the sources whose events are believed when they come this way; all of one tenant."""


class GraphQLSettings(BaseModel):
    """The `[graphql]` table: how the read door is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    documents: tuple[Path, ...] = ()
    """Manifests of registered documents: Apollo's, or a plain object of texts by their SHA-256."""
    registered_only: frozenset[Role] = frozenset()
    """Roles whose callers may ask only what is registered."""
    introspection: frozenset[Role] = frozenset({Role.OPS})
    """Roles whose callers may look at the schema, and are told names that are like the ones they got wrong."""
    origins: Annotated[tuple[Annotated[str, AfterValidator(web_origin)], ...], Field(max_length=100)] = ()
    """Web origins, besides its own, whose pages may ask."""
    federation: bool = False
    """Whether the schema is served as a subgraph of Apollo Federation 2."""
    explorer: bool = False
    """Whether `/graphiql` is served."""
    panels_see_signatures: bool = False
    """Whether panels may see who signed for a delivery."""


Span = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=730))]

_THRESHOLDS: dict[str, Any] = {
    each.name: (Span, each.default) for each in fields(Tolerances) if isinstance(each.default, timedelta)
}

Thresholds: Any = create_model(
    "Thresholds",
    __config__=ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True),
    silences=(dict[TransportMode, Span], {}),
    **_THRESHOLDS,
)
"""The `[thresholds]` table: one setting for each of `Tolerances`."""


class Settings(BaseSettings):
    """Settings of one gateway."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    """Port to listen on; 0: any free one."""
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    """Processes that serve the port together, each a gateway of its own with all that it needs; as many as there are
    cores is enough."""
    deadline: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(seconds=30))] = timedelta(seconds=2)
    """Longest that a view may take, whatever a caller asks for."""
    data_dir: Path = Path("var")
    """Folder for what is kept between runs."""
    redis_url: SecretStr | None = None
    """Redis that keeps the state, shared by all gateways, e.g. rediss://user:password@redis.example.com:6380/0; of a
    cluster, any node. Without it the gateway starts one of its own under `data_dir`."""
    near_bytes: Annotated[int, Field(ge=0, le=64 * 1024**3)] = 64 * 1024 * 1024
    """About how much memory a process may use for copies of what it read lately."""
    answer_bytes: Annotated[int, Field(ge=0, le=64 * 1024**3)] = 64 * 1024 * 1024
    """About how much memory a process may use for answers that nothing has changed since; 0: none is kept."""
    shared_answers: bool = False
    """Whether gateways give each other such answers, through Redis: what one has found, no other has to put together.
    Worth it where several processes serve, or where none has room for copies; a cluster of Redis shares none."""
    journal_time: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=400))] = timedelta(days=7)
    """How long events are kept after they were settled, so that they can be settled again."""
    journal_bytes: Annotated[int, Field(ge=0, le=1024**4)] = 256 * 1024 * 1024
    """How much of Redis's memory they may take meanwhile; beyond, the oldest go first."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""
    log_format: Literal["json", "text"] = "json"
    """One JSON object a line for machines, or text for a person."""
    audit: bool = True
    """Whether it is logged who saw credit and personal data, whatever `log_level` says."""
    sources: Annotated[tuple[dict[str, Any], ...], Field(repr=False)] = ()
    """The systems of record; each table is checked by its adapter."""

    discrepancies: dict[Literal[tuple(rule.id for rule in RULES)], Age] = {}  # type: ignore[valid-type]  # mypy wants the names spelled out
    """How long systems may contradict each other before it is said, by rule, instead of the rule's own grace."""
    thresholds: Thresholds = Thresholds()
    """How much systems may differ before it is a contradiction."""
    stages: dict[Stage, Age] = {}
    """How long work may stand, by stage; in working hours of its site where it waits for one."""
    sites: dict[str, SiteSettings] = {}
    """When each warehouse works, by its code; "*" stands for all others."""
    limits: LimitsSettings = LimitsSettings()
    """How much one request may have, and one caller ask for."""
    webhooks: tuple[WebhookSettings, ...] = ()
    """Who is told of operational events."""

    brokers: tuple[BrokerSettings, ...] = ()
    """Message brokers that have events for us."""
    api_keys: Annotated[tuple[ApiKeySettings, ...], Field(max_length=1_000)] = ()
    """Programs that may ask, each with a key of its own."""
    issuers: tuple[IssuerSettings, ...] = ()
    """Whose tokens are believed."""
    session_secrets: Annotated[tuple[SessionSecret, ...], Field(max_length=5)] = ()
    """What signs sessions of panels: the first signs, all of them check. Without any, one is made and kept under
    `data_dir`; gateways that do not share that folder need one here."""
    graphql: GraphQLSettings = GraphQLSettings()
    """How the read door is."""
    anonymous: tuple[Role, ...] = ()
    """The roles of whoever brings no proof; only on a gateway that listens on this machine alone."""

    @property
    def tolerances(self) -> Tolerances:
        """How much systems may differ."""
        told = self.thresholds.model_dump()
        silences = SILENCES | told.pop("silences")
        return Tolerances(graces=self.discrepancies, silences=silences, **told)

    @property
    def allowances(self) -> Allowances:
        """How long work may stand."""
        sites = {name: site.working_time for name, site in self.sites.items()}
        elsewhere = sites.pop(EVERYWHERE_ELSE, None)
        own = Allowances(stages=self.stages, silences=self.tolerances.silences, sites=sites)
        return own if elsewhere is None else replace(own, elsewhere=elsewhere)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings calls it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes over the file."""
        return env_settings, init_settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings that were read and checked.

    Attributes:
        gateway: the settings of the gateway itself.
        sources: the settings of each system of record, in the order of the file.
        variables: which variable or file each secret came from, by path; for advice, never the value.
        digest: of all that was set.
    """

    gateway: Settings
    sources: tuple[SourceSettings, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def tenants(self) -> tuple[str, ...]:
        """Who is served: the main tenant, and everybody to whom a source belongs."""
        return tuple(dict.fromkeys((MAIN_TENANT, *(source.tenant for source in self.sources))))


def load(config: Path | None = None, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Read `casefold.toml` and the environment.

    Args:
        config: the file; null: `CASEFOLD_CONFIG`, else `casefold.toml` here, if there is one.
        environment: where `${VARIABLE}` is looked up.

    Raises:
        SettingError: the first thing that is wrong.
    """
    path = config or Path(environment.get(f"{PREFIX}CONFIG", "casefold.toml"))
    if not path.exists() and (config or f"{PREFIX}CONFIG" in environment):
        raise SettingError("CASEFOLD_CONFIG", str(path), "the path of a file that exists")
    return configure(_toml(path) if path.exists() else {}, environment)


def configure(table: Table, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Check a table of settings as it stands in `casefold.toml`.

    Raises:
        SettingError: the first thing that is wrong.
    """
    _refuse_unknown_variables(environment)
    variables: dict[str, str] = {}
    values = _expand(table, environment, (), variables)
    try:
        gateway = Settings(**values)
    except ValidationError as error:
        raise setting_error(error, (), Settings) from error
    sources = tuple(_source(index, each) for index, each in enumerate(gateway.sources))
    _refuse_repeated_ids("sources", [source.id for source in sources])
    _refuse_shared_proofs(sources)
    _refuse_repeated_ids("brokers", [broker.id for broker in gateway.brokers])
    _refuse_unusable_brokers(gateway.brokers, {source.id: source.tenant for source in sources})
    _refuse_repeated_ids("webhooks", [webhook.id for webhook in gateway.webhooks])
    _refuse_repeated_issuers(gateway.issuers)
    _refuse_shared_keys(gateway.api_keys)
    refuse_strangers(gateway, gateway.host)
    configuration = Configuration(gateway, sources, variables, _digest(values, environment))
    _refuse_strange_tenants(gateway.webhooks, configuration.tenants)
    return configuration


def _digest(values: Table, environment: Mapping[str, str]) -> str:
    """The same for the same settings, however they are named in a process."""
    own = sorted((name, value) for name, value in environment.items() if name.startswith(PREFIX))
    return hashlib.sha256(repr((values, own)).encode()).hexdigest()


def _toml(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(str(path), str(error), "a TOML file in UTF-8") from error


def _source(index: int, table: Table) -> SourceSettings:
    path: Where = ("sources", index)
    name = table.get("adapter")
    if not isinstance(name, str):
        raise SettingError(spelled((*path, "adapter")), "nothing", "the name of an adapter, see `casefold sources`")
    try:
        model = adapter(name).settings
    except SettingError as error:
        raise SettingError(spelled((*path, "adapter")), error.found, error.allowed) from error
    try:
        settings = model.model_validate(dict(table))
    except ValidationError as error:
        raise setting_error(error, path, model) from error
    _refuse_foreign_kinds(path, settings)
    return settings


def _refuse_foreign_kinds(path: Where, settings: SourceSettings) -> None:
    possible = adapter(settings.adapter).serves
    for index, kind in enumerate(settings.kinds):
        if kind not in possible:
            allowed = "one of " + ", ".join(each.value for each in possible)
            raise SettingError(spelled((*path, "kinds", index)), repr(kind.value), allowed)


def _refuse_shared_proofs(sources: Sequence[SourceSettings]) -> None:
    """What proves a sender says whose data it sends, so no two tenants may have the same."""
    holders: dict[str, str] = {}
    for index, source in enumerate(sources):
        for name in ("events_token", "events_secret"):
            proof: SecretStr | None = getattr(source, name)
            for each in proof.get_secret_value().split() if proof else ():
                if holders.setdefault(each, source.tenant) != source.tenant:
                    found = "one that a source of another tenant has, too"
                    raise SettingError(spelled(("sources", index, name)), found, "one for each tenant")


def _refuse_strange_tenants(webhooks: Sequence[WebhookSettings], tenants: Sequence[str]) -> None:
    for index, webhook in enumerate(webhooks):
        if webhook.tenant not in tenants:
            path = spelled(("webhooks", index, "tenant"))
            raise SettingError(path, repr(webhook.tenant), "one of " + ", ".join(sorted(tenants)))


def _refuse_unusable_brokers(brokers: Sequence[BrokerSettings], tenants: Mapping[str, str]) -> None:
    for index, broker in enumerate(brokers):
        if find_spec("faststream") is None:
            raise SettingError(
                spelled(("brokers", index)), "a broker", "one, once `pip install casefold[brokers]` is done"
            )
        for place, source in enumerate(broker.sources):
            path = spelled(("brokers", index, "sources", place))
            if source not in tenants:
                allowed = "one of " + ", ".join(tenants) if tenants else "a configured source"
                raise SettingError(path, repr(source), allowed)
            if tenants[source] != tenants[broker.sources[0]]:
                raise SettingError(path, f"a source of tenant {tenants[source]}", "sources of one tenant")


def _refuse_repeated_ids(table: str, ids: Sequence[str]) -> None:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            allowed = f"an id that no other {table.removesuffix('s')} has"
            raise SettingError(spelled((table, index, "id")), repr(name), allowed)


def _refuse_repeated_issuers(issuers: Sequence[IssuerSettings]) -> None:
    for index, issuer in enumerate(issuers):
        if issuer.issuer in (each.issuer for each in issuers[:index]):
            raise SettingError(spelled(("issuers", index, "issuer")), repr(issuer.issuer), "an issuer only once")


def _refuse_shared_keys(api_keys: Sequence[ApiKeySettings]) -> None:
    for index, key in enumerate(api_keys):
        if key.sha256 in (each.sha256 for each in api_keys[:index]):
            path = spelled(("api_keys", index, "sha256"))
            raise SettingError(path, "that of another key", "a key only once, so that it is one program's")


def refuse_strangers(settings: Settings, host: str) -> None:
    """Make sure that whoever brings no proof gets in from this machine only.

    Args:
        settings: of the gateway.
        host: address that it is going to listen on.

    Raises:
        SettingError: others could get in.
    """
    if settings.anonymous and host not in LOOPBACK:
        found = f"roles for whoever brings no proof, on a gateway that listens on {host}"
        allowed = f"none; or host one of {', '.join(sorted(LOOPBACK))}"
        raise SettingError("anonymous", found, allowed)


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {name.upper() for name in Settings.model_fields} | CLIENT_VARIABLES
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in known and not name.startswith("TOKEN"):
            raise SettingError(variable, "an unknown variable", nearest(name, known, PREFIX))


def _expand(value: Any, environment: Mapping[str, str], path: Where, variables: dict[str, str]) -> Any:  # noqa: ANN401  # TOML values
    match value:
        case str():
            return _VARIABLE.sub(lambda match: _look_up(match, environment, path, variables), value)
        case Mapping():
            return {key: _expand(each, environment, (*path, key), variables) for key, each in value.items()}
        case list():
            return [_expand(each, environment, (*path, index), variables) for index, each in enumerate(value)]
        case _:
            return value


def _look_up(match: re.Match[str], environment: Mapping[str, str], path: Where, variables: dict[str, str]) -> str:
    variables[spelled(path)] = match["name"] or match["path"]
    if match["name"]:
        if match["name"] not in environment:
            raise SettingError(spelled(path), f"${{{match['name']}}}, which is not set", "a variable that is set")
        return environment[match["name"]]
    try:
        return Path(match["path"]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(spelled(path), f"${{file:{match['path']}}}, which cannot be read", "a text file") from error
