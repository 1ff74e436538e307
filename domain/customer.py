"""Customers."""

from domain.entity import Entity, Url
from domain.model import Label, Name


class Customer(Entity):
    """Who ordered."""

    id: Name
    name: Label
    email: Name | None = None
    phone: Name | None = None
    service_level: Label | None = None
    url: Url | None = None
